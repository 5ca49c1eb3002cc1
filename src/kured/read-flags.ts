/** Reads the settings of kured from its flags, from its DaemonSet, or from the values of its chart. */
import { parseAllDocuments } from 'yaml';
import { chartValues } from './options.ts';

/** Values of flags by name, without dashes. A flag that may be repeated has several. */
export type Flags = ReadonlyMap<string, readonly string[]>;

export type ReadFlags =
  | { readonly ok: true; readonly flags: Flags; readonly from: 'flags' | 'DaemonSet' | 'values' }
  | { readonly ok: false; readonly problem: string };

export function readFlags(text: string): ReadFlags {
  if (/^\s*--/.test(text)) return { ok: true, flags: flagsOf(words(text)), from: 'flags' };
  const documents = parseAllDocuments(text);
  const broken = documents.find(({ errors }) => errors.length > 0)?.errors[0];
  if (broken) return { ok: false, problem: `It is no YAML: ${broken.message.split('\n')[0] ?? ''}` };
  const objects = documents.map((document): unknown => document.toJS({ maxAliasCount: 100 }));
  const daemonSet = objects.find((object) => at(object, 'kind') === 'DaemonSet');
  if (daemonSet !== undefined) return ofDaemonSet(daemonSet);
  const configuration = at(objects[0], 'configuration');
  if (typeof configuration === 'object' && configuration !== null)
    return { ok: true, flags: ofValues(configuration), from: 'values' };
  return {
    ok: false,
    problem:
      'Give the flags (--period=1h …), the DaemonSet of kured, or values of its chart, which have `configuration`.',
  };
}

const at = (value: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>)[key] : undefined,
    value,
  );

const words = (text: string): readonly string[] =>
  [...text.matchAll(/(?:"([^"]*)"|'([^']*)'|[^\s"']+)+/g)].map(([word]) => word.replaceAll(/["']/g, ''));

/** As Go's flags: `--name=value`, `--name value`, and `--name` alone for a switch. */
export function flagsOf(args: readonly string[]): Flags {
  const flags = new Map<string, string[]>();
  for (let index = 0; index < args.length; index += 1) {
    const [, name = '', , value] = /^--?([a-z-]+)(=([\s\S]*))?$/.exec(args[index] ?? '') ?? [];
    if (name === '') continue;
    const next = args[index + 1];
    const isSwitch = value === undefined && (next === undefined || next.startsWith('--'));
    if (value === undefined && !isSwitch) index += 1;
    flags.set(name, [...(flags.get(name) ?? []), value ?? (isSwitch ? 'true' : (next ?? ''))]);
  }
  return flags;
}

/** The variables KURED_… of its containers count more than its arguments, as kured reads them. */
function ofDaemonSet(object: unknown): ReadFlags {
  const containers = at(object, 'spec', 'template', 'spec', 'containers');
  const all = Array.isArray(containers) ? containers : [];
  const list = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : []);
  const found = all.find((each) => JSON.stringify(each ?? '').includes('kured'));
  if (found === undefined) return { ok: false, problem: 'This DaemonSet has no container of kured.' };
  const flags = new Map(flagsOf([...list(at(found, 'command')), ...list(at(found, 'args'))]));
  const env = at(found, 'env');
  for (const variable of Array.isArray(env) ? env : []) {
    const [, name] = /^KURED_([A-Z_]+)$/.exec(String(at(variable, 'name'))) ?? [];
    const value = at(variable, 'value');
    if (name !== undefined && typeof value === 'string')
      flags.set(name.toLowerCase().replaceAll('_', '-'), [value]);
  }
  return { ok: true, flags, from: 'DaemonSet' };
}

/** Lists of the chart become repeated flags; empty values are not passed on, as in the chart. */
function ofValues(configuration: object): Flags {
  return new Map(
    Object.entries(configuration).flatMap(([name, value]: [string, unknown]) => {
      const flag = chartValues.get(name) ?? name;
      const values = (Array.isArray(value) ? value : [value]).map(String);
      const isEmpty = value === null || value === '' || value === false || value === 0 || values.length === 0;
      return isEmpty ? [] : [[flag, flag === 'reboot-days' ? [values.join(',')] : values] as const];
    }),
  );
}
