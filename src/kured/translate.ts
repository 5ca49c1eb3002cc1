/** Translates kured's settings into values of Tugboot's chart. */
import type { Flags } from './read-flags.ts';
import { type KuredOption, options, type Translation } from './options.ts';
import { type ImportedWindow, windowOf } from './window.ts';

export interface Imported {
  /** Values of Tugboot's chart. */
  readonly values: {
    readonly config: Readonly<Record<string, unknown>>;
    readonly agent?: Readonly<Record<string, unknown>>;
  };
  /** What changes in meaning, what was left out, and why. */
  readonly notes: readonly string[];
}

export function translate(flags: Flags): Imported {
  const known = Object.entries<KuredOption>(options);
  const parts = known.flatMap(([flag, { translate: one }]): readonly Translation[] => {
    const values = flags.get(flag);
    return values === undefined ? [] : [one(values)];
  });
  const window = windowOf(flags);
  const merged = (of: (part: Translation) => object | undefined): Record<string, unknown> =>
    parts.map(of).reduce<Record<string, unknown>>((all, part) => merge(all, part ?? {}), {});
  const pool = merge(
    {
      name: 'nodes',
      approval: approvalOf(window),
      ...(window.window === undefined ? {} : { windows: [window.window] }),
    },
    merge(
      merged(({ pool: of }) => of),
      alerts(flags),
    ),
  );
  // Kured's default is the command, Tugboot's the signal.
  const agent = flags.has('reboot-method')
    ? merged(({ agent: of }) => of)
    : merge(
        { method: 'command' },
        merged(({ agent: of }) => of),
      );
  const unknown = [...flags.keys()].filter((flag) => !Object.hasOwn(options, flag));
  return {
    values: {
      config: {
        ...(window.timeZone === undefined ? {} : { timeZone: window.timeZone }),
        ...merged(({ config }) => config),
        pools: [pool],
      },
      ...(Object.keys(agent).length === 0 ? {} : { agent }),
    },
    notes: [
      window.unread
        ? 'approval: manual, since the window of kured cannot be read.'
        : 'approval: kured asked nobody, and this does not either. Write `approval: manual` to be asked for each node.',
      ...window.notes,
      ...parts.flatMap(({ note }) => (note === undefined ? [] : [note])),
      ...unknown.map((flag) => `${flag}: is no option of kured 1.23.`),
    ],
  };
}

/** Kured asks nobody. Where its window is not known, nothing may start by itself. */
function approvalOf({ window, unread }: ImportedWindow): 'auto' | 'manual' | 'window' {
  if (unread) return 'manual';
  return window === undefined ? 'auto' : 'window';
}

function alerts(flags: Flags): object {
  const url = flags.get('prometheus-url')?.at(-1) ?? '';
  if (url === '') return {};
  const filter = flags.get('alert-filter-regexp')?.at(-1) ?? '';
  const isOnly = flags.get('alert-filter-match-only')?.at(-1) === 'true';
  const firing = flags.get('alert-firing-only')?.at(-1) === 'true';
  // Kured's expression matches anywhere in a name; here the whole name has to match.
  const matches = `.*(${filter}).*`;
  const named = filter === '' ? {} : isOnly ? { include: matches } : { exclude: matches };
  return { gates: { prometheus: [{ url, alerts: { ...named, ...(firing ? {} : { pending: true }) } }] } };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Objects are merged, and everything else is replaced. */
function merge(one: object, other: object): Record<string, unknown> {
  const merged: Record<string, unknown> = { ...one };
  for (const [key, value] of Object.entries<unknown>({ ...other })) {
    const before = merged[key];
    merged[key] = isObject(before) && isObject(value) ? merge(before, value) : value;
  }
  return merged;
}
