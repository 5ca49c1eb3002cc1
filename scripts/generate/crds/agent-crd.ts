import { agentSpec, nodeReport } from '../../../src/reboot/nodes/node-report.ts';
import { type Column, definitionText, schemaOf, wide } from './definition.ts';
import type { Json } from './structural-schema.ts';

export const agentCrdPath = 'charts/tugboot/files/crds/nodeagents.yaml';

export const agentSchema = (): Json => ({
  description: 'What the agent of a node reports, and what it is ordered to do. Named like its node.',
  type: 'object',
  required: ['spec'],
  properties: { spec: schemaOf(agentSpec), status: schemaOf(nodeReport) },
});

const columns: readonly Column[] = [
  ['Node', '.metadata.name'],
  [
    'Asked-By',
    '.status.asking',
    { description: 'The signals that ask for a reboot. Which of them count is decided per pool.' },
  ],
  ['Kernel', '.status.kernel.running'],
  [
    'Packages',
    '.status.packages[0].name',
    { description: 'The first of the packages that ask for a reboot.' },
  ],
  ['Age', '.metadata.creationTimestamp', { type: 'date' }],
  ['Sentinel', '.status.required', wide],
  ['Next-Kernel', '.status.kernel.newest', wide],
  ['Booted', '.status.bootedAt', { type: 'date', ...wide }],
  ['Order', '.spec.endBoot', wide],
  ['Answer', '.status.order.state', wide],
  ['Agent', '.status.agent', wide],
];

export const agentCrd = (): string =>
  definitionText({
    kind: 'NodeAgent',
    columns,
    schema: agentSchema(),
    from: 'src/reboot/nodes/node-report.ts',
  });
