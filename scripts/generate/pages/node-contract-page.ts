import {
  apiGroup,
  apiVersion,
  controlPlaneLabels,
  nodeContract,
  zoneLabel,
} from '../../../src/reboot/nodes/node-contract.ts';
import { agentSchema } from '../crds/agent-crd.ts';
import { code, madeFrom, table } from './markdown.ts';
import { descriptionOf, rowsOf } from '../schema-rows.ts';
import { type Json, propertiesOf } from '../crds/structural-schema.ts';

/** Every key that Tugboot writes to a cluster object, for authors of policies, dashboards or other tools. */
export const nodeContractPage = (): string => `${madeFrom('src/reboot/nodes')}
# What Tugboot writes to your nodes

Every key that Tugboot writes to an object which is not its own record, and the one program that writes it. Nothing else on a Node is
touched, save \`spec.unschedulable\`, which is what a cordon is.

${table(
  ['key', 'what it is', 'on', 'written by', 'meaning'],
  Object.values(nodeContract).map(({ key, kind, on, writer, meaning }) => [
    code(key),
    kind,
    on,
    writer,
    meaning,
  ]),
)}

The custom resources are \`nodeagents.${apiGroup}\` and \`reboots.${apiGroup}\`, version \`${apiVersion}\`.

## What Tugboot reads from your nodes

${table(
  ['label', 'meaning'],
  [
    ...controlPlaneLabels.map((label) => [
      code(label),
      'The node is of the control plane: it goes after the workers, one at a time, with two approvals where two people may approve.',
    ]),
    [code(zoneLabel), 'The zone, kept with the turn.'],
  ],
)}

## Between bot and agent

One \`NodeAgent\` per node, named like it. Each part has one writer, and the API server checks the bounds of every field. An agent whose node
runs another boot than \`spec.endBoot\` ignores the order, so a reboot voids it by itself.

### spec

${partOf('spec')}

### status

${partOf('status')}
`;

function partOf(part: 'spec' | 'status'): string {
  const schema = propertiesOf(agentSchema())[part] as Json;
  return `${descriptionOf(schema)}\n\n${table(['field', 'type', 'meaning'], rowsOf(schema, ''))}`;
}
