import type { z } from 'zod';
import { earlierSchema } from '../../../src/k8s/records/earlier-states.ts';
import { storedFrom } from '../../../src/k8s/records/flat-state.ts';
import { commonSchema, derivedSchema, specSchema } from '../../../src/k8s/records/reboot-schema.ts';
import { phaseSteps, validations } from '../../../src/reboot/schema/record-rules.ts';
import { rebootState } from '../../../src/reboot/state/states.ts';
import { type Column, definitionText, schemaOf, wide } from './definition.ts';
import { type Json, mergeOf, propertiesOf } from './structural-schema.ts';

export const rebootCrdPath = 'charts/tugboot/files/crds/reboots.yaml';

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

export const rebootCrd = (): string =>
  definitionText({
    kind: 'Reboot',
    shortNames: ['rb'],
    columns,
    schema: rebootSchema(),
    from: 'src/reboot/state and src/k8s/records',
  });
