import { madeFrom, table } from './markdown.ts';
import { phaseSchemas, rebootSchema } from '../crds/reboot-crd.ts';
import { descriptionOf, rowsOf } from '../schema-rows.ts';
import { type Json, propertiesOf } from '../crds/structural-schema.ts';

/** Every field of a Reboot, for people who read the object and for authors of tools. */
export function rebootPage(): string {
  const { spec, status } = propertiesOf(rebootSchema()) as Readonly<Record<'spec' | 'status', Json>>;
  const head = ['field', 'type', 'meaning'];
  return `${madeFrom('src/reboot/state and src/k8s/records')}
# The record of a reboot

Every field of a \`Reboot\` (\`reboots.tugboot.dev\`, \`kubectl get rb\`), as the custom resource definition declares it. A field of the status
without a phase may be there in every phase. Read it as you like; write only with \`kubectl delete\`, which
[stops a reboot](operations.md), or to repair a record that Tugboot says it cannot read.

## spec

${descriptionOf(spec)}

${table(head, rowsOf(spec, ''))}

## status

${descriptionOf(status)}

${table(head, rowsOf(status, '', phasesWith))}
`;
}

/** The phases that have a field; empty where it is no field of a state. */
function phasesWith(key: string): string {
  const states = phaseSchemas().map(propertiesOf);
  const having = states.filter((properties) => key in properties);
  if (having.length === 0 || having.length === states.length) return '';
  const phases = having.flatMap(({ phase }) => (phase as Json)['enum'] as readonly string[]);
  return ` In ${phases.join(', ')}.`;
}
