import { stringify } from 'yaml';
import { z } from 'zod';
import { earlierSchema } from '../../src/k8s/records/earlier-states.ts';
import { storedFrom } from '../../src/k8s/records/flat-state.ts';
import { commonSchema, derivedSchema, specSchema } from '../../src/k8s/records/reboot-schema.ts';
import { phaseSteps, validations } from '../../src/reboot/state/record-rules.ts';
import { apiGroup, apiVersion } from '../../src/reboot/nodes/node-contract.ts';
import { rebootState } from '../../src/reboot/state/states.ts';
import { type Json, mergeOf, propertiesOf, structural } from './structural-schema.ts';

export const rebootCrdPath = 'charts/tugboot/crds/reboots.yaml';

const schemaOf = (schema: z.ZodType): Json =>
  structural(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Json);

/** The state of a phase, with its fields named as they are stored. */
function storedVariant(variant: z.ZodObject): Json {
  const schema = schemaOf(variant);
  const { from, ...properties } = propertiesOf(schema);
  const [phase] = (properties['phase'] as { readonly enum: readonly (keyof typeof storedFrom)[] }).enum;
  const stored = phase && storedFrom[phase];
  if (from === undefined || stored === undefined) return schema;
  const required = (schema['required'] as readonly string[]).map((key) => (key === 'from' ? stored : key));
  return { ...schema, properties: { ...properties, [stored]: from }, required };
}

/** The schema of each phase. */
export const phaseSchemas = (): readonly Json[] =>
  (rebootState.options as readonly z.ZodObject[]).map(storedVariant);

function statusSchema(): Json {
  const states = phaseSchemas().reduce(mergeOf);
  const parts = [states, ...[derivedSchema, commonSchema, earlierSchema].map(schemaOf)];
  return {
    description:
      'The state of the reboot. Written by Tugboot alone; each phase has the facts that are true in it.',
    type: 'object',
    required: parts.flatMap(({ required = [] }) => required as readonly string[]),
    ...validations(phaseSteps),
    properties: Object.assign({}, ...parts.map(propertiesOf)) as Json,
  };
}

export const rebootSchema = (): Json => ({
  description: 'One requested end of one boot of one node, from detection to proof.',
  type: 'object',
  required: ['spec'],
  properties: { spec: schemaOf(specSchema), status: statusSchema() },
});

type Column = readonly [name: string, jsonPath: string, more?: Json];

const wide: Json = { priority: 1 };

const columns: readonly Column[] = [
  ['Phase', '.status.phase'],
  ['Since', '.status.since', { type: 'date', description: 'How long it is in this phase.' }],
  ['Age', '.metadata.creationTimestamp', { type: 'date' }],
  ['Reason', '.status.summary', { description: 'What it waits for, its progress, or its failure.' }],
  ['Node', '.spec.node', wide],
  ['Pool', '.status.pool', wide],
  ['Asked-By', '.status.askedBy', wide],
  ['Packages', '.status.wants', wide],
  ['Decided-By', '.status.decidedBy', wide],
  ['Kernel', '.status.need.kernel.running', wide],
  ['Next-Kernel', '.status.need.kernel.next', wide],
  ['Waits-For', '.status.blockers[0].sentence', wide],
  ['Failure', '.status.code', wide],
  ['Boot', '.spec.bootID', wide],
];

export function rebootCrd(): string {
  const plural = 'reboots';
  const definition = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${apiGroup}` },
    spec: {
      group: apiGroup,
      scope: 'Cluster',
      names: { kind: 'Reboot', listKind: 'RebootList', singular: 'reboot', plural, shortNames: ['rb'] },
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
          schema: { openAPIV3Schema: rebootSchema() },
        },
      ],
    },
  };
  const from = 'Made from src/reboot/state and src/k8s/records by "npm run generate": change it there.';
  return `# ${from}\n${stringify(definition, { aliasDuplicateObjects: false, lineWidth: 0 })}`;
}
