/** One setting of the configuration file, from its JSON Schema. */
export interface Setting {
  readonly path: string;
  readonly values: string;
  readonly fallback: string;
  readonly meaning: string;
}

type Value = string | number | boolean;

interface Schema {
  /** Another setting, whose values this one takes. */
  readonly $ref?: string;
  readonly type?: string;
  readonly description?: string;
  readonly default?: Value | readonly unknown[] | Readonly<Record<string, unknown>>;
  readonly const?: Value;
  readonly enum?: readonly Value[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly required?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
}

/** Descriptions of settings that have none in the schema, which describes only their parts. */
const groups: Readonly<Record<string, string>> = {
  pools: 'The pools, in the order in which they are tried. Without it: one pool, `nodes`, with every node.',
  'pools[].name': 'What people call the pool.',
  'pools[].approvalsNeeded':
    'How many people must approve. Without it: one, and two for a control-plane node where more than one person may.',
  'pools[].drain': 'How its nodes are drained.',
  history: 'How much of the past is kept.',
};

/** Every setting, each before its parts. */
export const settingsOf = (schema: object): readonly Setting[] => within(schema, '');

const within = (schema: Schema, path: string): readonly Setting[] =>
  Object.entries(schema.properties ?? eitherOf(schema)).flatMap(([name, part]) => {
    const own = path === '' ? name : `${path}.${name}`;
    const isRequired = schema.required?.includes(name) === true && part.default === undefined;
    return [settingOf(part, own, isRequired), ...partsOf(part, own)];
  });

/** The settings of all alternatives; none of them is required, since none is in all alternatives. */
const eitherOf = ({ anyOf = [] }: Schema): Readonly<Record<string, Schema>> =>
  Object.assign({}, ...anyOf.map(({ properties }) => properties ?? {})) as Record<string, Schema>;

function partsOf(schema: Schema, path: string): readonly Setting[] {
  const branch = schema.anyOf?.find(({ properties }) => properties !== undefined) ?? schema;
  return branch.items ? within(branch.items, `${path}[]`) : within(branch, path);
}

function settingOf(schema: Schema, path: string, isRequired: boolean): Setting {
  // The description for editors repeats the default, which has its own column here.
  const meaning = (schema.description ?? groups[path] ?? '').replace(/;? ?Default [^ ]+\.$/, '').trim();
  return {
    path,
    values: valuesOf(schema),
    fallback: isRequired ? 'required' : shown(schema.default),
    meaning,
  };
}

const shown = (value: Schema['default']): string =>
  value === undefined || typeof value === 'object' ? '' : value === '' ? 'empty' : `\`${String(value)}\``;

function valuesOf(schema: Schema): string {
  if (schema.$ref !== undefined) return `as \`${schema.$ref.replace(/^.*\//, '')}\``;
  if (schema.const !== undefined) return `\`${String(schema.const)}\``;
  if (schema.enum) return schema.enum.map((value) => `\`${String(value)}\``).join(', ');
  if (schema.anyOf) return [...new Set(schema.anyOf.map(valuesOf))].join(', or ');
  if (schema.type === 'array')
    return schema.items?.type === 'object' ? 'list' : `list of ${valuesOf(schema.items ?? {})}`;
  if (schema.type === 'integer') return rangeOf(schema);
  if (schema.type === 'boolean') return '`true`, `false`';
  return schema.type === 'object' ? 'settings' : 'text';
}

/** JSON Schema uses the largest safe integer for "no limit". */
function rangeOf({ minimum, maximum }: Schema): string {
  const most = maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum;
  if (minimum === undefined) return 'number';
  return most === undefined ? `number, at least ${minimum}` : `number, ${minimum} to ${most}`;
}
