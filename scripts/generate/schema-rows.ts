/** The rows of a reference page: every field of a schema. */
import { code } from './pages/markdown.ts';
import { type Json, propertiesOf } from './crds/structural-schema.ts';

/** One field of a schema. */
type Row = readonly [field: string, type: string, meaning: string];

/** What is said of a field of the outermost object besides its meaning. */
type Remark = (key: string) => string;

/** Large objects that come twice are described once. */
export function rowsOf(
  schema: Json,
  prefix: string,
  remark: Remark = () => '',
  known = new Map<string, string>(),
): readonly Row[] {
  const required = new Set(schema['required'] as readonly string[] | undefined);
  return Object.entries(propertiesOf(schema)).flatMap(([key, each]): readonly Row[] => {
    const property = each as Json;
    const path = `${prefix}${key}`;
    const inside = membersOf(property);
    const shape = JSON.stringify(propertiesOf(inside));
    const before = known.get(shape);
    const same = before === undefined ? '' : ` Fields as in ${code(before)}.`;
    const meaning = `${meaningOf(property)}${remark(key)}${same}`;
    const row: Row = [code(path), typeOf(property, required.has(key)), meaning];
    if (shape === '{}' || before !== undefined) return [row];
    known.set(shape, path);
    return [row, ...rowsOf(inside, property === inside ? `${path}.` : `${path}[].`, undefined, known)];
  });
}

const membersOf = (schema: Json): Json => (schema['type'] === 'array' ? (schema['items'] as Json) : schema);

export const descriptionOf = ({ description }: Json): string =>
  typeof description === 'string' ? description : '';

function meaningOf(schema: Json): string {
  const values = (schema['enum'] as readonly string[] | undefined) ?? [];
  const choices = values.length < 2 ? '' : ` One of ${values.map(code).join(', ')}.`;
  return `${descriptionOf(schema)}${choices}`;
}

const typeOf = (schema: Json, isRequired: boolean): string =>
  `${String(schema['format'] ?? schema['type'])}${isRequired ? '' : ', optional'}`;
