/** What the custom resource definitions have in common. */
import { stringify } from 'yaml';
import { z } from 'zod';
import { apiGroup, apiVersion } from '../../../src/reboot/nodes/node-contract.ts';
import { type Json, structural } from './structural-schema.ts';

export const schemaOf = (schema: z.ZodType): Json =>
  structural(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Json);

export type Column = readonly [name: string, jsonPath: string, more?: Json];

/** Columns that only `kubectl get -o wide` prints. */
export const wide: Json = { priority: 1 };

interface Definition {
  readonly kind: string;
  readonly shortNames?: readonly string[];
  readonly columns: readonly Column[];
  readonly schema: Json;
  /** Where its fields are declared. */
  readonly from: string;
}

export function definitionText({ kind, shortNames, columns, schema, from }: Definition): string {
  const singular = kind.toLowerCase();
  const plural = `${singular}s`;
  const definition = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${apiGroup}` },
    spec: {
      group: apiGroup,
      scope: 'Cluster',
      names: { kind, listKind: `${kind}List`, singular, plural, ...(shortNames ? { shortNames } : {}) },
      versions: [
        {
          name: apiVersion,
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: columns.map(([name, jsonPath, more]) => ({
            name,
            type: 'string',
            ...more,
            jsonPath,
          })),
          schema: { openAPIV3Schema: schema },
        },
      ],
    },
  };
  return `# Made from ${from} by "npm run generate": change it there.\n${stringify(definition, {
    aliasDuplicateObjects: false,
    lineWidth: 0,
    // The API server's tools read YAML 1.1, where a plain yes is true.
    compat: 'yaml-1.1',
  })}`;
}
