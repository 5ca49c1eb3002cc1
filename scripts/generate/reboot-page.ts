import { code, madeFrom, table } from './markdown.ts';
import { phaseSchemas, rebootSchema } from './reboot-crd.ts';
import { type Json, propertiesOf } from './structural-schema.ts';

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

${table(head, rowsOf(status, ''))}
`;
}

type Row = readonly [field: string, type: string, meaning: string];

/** Large objects that come twice are described once. */
function rowsOf(schema: Json, prefix: string, known = new Map<string, string>()): readonly Row[] {
  const required = new Set(schema['required'] as readonly string[] | undefined);
  return Object.entries(propertiesOf(schema)).flatMap(([key, each]): readonly Row[] => {
    const property = each as Json;
    const path = `${prefix}${key}`;
    const inside = membersOf(property);
    const shape = JSON.stringify(propertiesOf(inside));
    const before = known.get(shape);
    const same = before === undefined ? '' : ` Fields as in ${code(before)}.`;
    const meaning = `${meaningOf(property)}${prefix === '' ? phasesWith(key) : ''}${same}`;
    const row: Row = [code(path), typeOf(property, required.has(key)), meaning];
    if (shape === '{}' || before !== undefined) return [row];
    known.set(shape, path);
    return [row, ...rowsOf(inside, property === inside ? `${path}.` : `${path}[].`, known)];
  });
}

const membersOf = (schema: Json): Json => (schema['type'] === 'array' ? (schema['items'] as Json) : schema);

const descriptionOf = ({ description }: Json): string => (typeof description === 'string' ? description : '');

function meaningOf(schema: Json): string {
  const values = (schema['enum'] as readonly string[] | undefined) ?? [];
  const choices = values.length < 2 ? '' : ` One of ${values.map(code).join(', ')}.`;
  return `${descriptionOf(schema)}${choices}`;
}

const typeOf = (schema: Json, isRequired: boolean): string =>
  `${String(schema['format'] ?? schema['type'])}${isRequired ? '' : ', optional'}`;

/** The phases that have a field; empty where it is no field of a state. */
function phasesWith(key: string): string {
  const states = phaseSchemas().map(propertiesOf);
  const having = states.filter((properties) => key in properties);
  if (having.length === 0 || having.length === states.length) return '';
  const phases = having.flatMap(({ phase }) => (phase as Json)['enum'] as readonly string[]);
  return ` In ${phases.join(', ')}.`;
}
