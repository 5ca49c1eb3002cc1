/**
 * Checks for configurations that are valid, but almost certainly a mistake. They read the file as parsed by
 * the schema.
 */
import type { MaintenanceWindow } from '../../reboot/policy/pool-windows.ts';
import type { PoolPolicy } from '../../reboot/policy/policy.ts';
import { parseSelector, type Requirement } from '../../reboot/policy/selector.ts';
import { type Instant, inWords, minute } from '../../reboot/time/time.ts';
import { nextOpenings } from '../../reboot/windows/upcoming.ts';
import { whyNoneOpens } from '../../reboot/windows/notes.ts';
import { clusterFilesOf } from '../cluster-files.ts';
import { policyOf } from '../read-policy.ts';
import { found, type Problem, shown } from './problems.ts';
import type { ConfigFile } from '../schema/schema.ts';
import { zeroDurations } from './zero-durations.ts';

/** What a check needs besides the file. */
export interface WarningContext {
  readonly now: Instant;
  /** True if the bot would find a file at that path; undefined if that cannot be determined. */
  readonly isMounted: (path: string) => boolean | undefined;
}

type Check = (file: ConfigFile, context: WarningContext) => readonly Problem[];

const checks: readonly Check[] = [
  emptyPools,
  shadowedPools,
  nobodyApproves,
  closedWindows,
  shortWindows,
  longNoticePeriod,
  unusedCalendars,
  missingCalendars,
  secretHeaders,
  fixedZones,
  zeroDurations,
];

export function warningsOf(file: ConfigFile, context: WarningContext): readonly Problem[] {
  const all = clusterFilesOf(file).flatMap(({ settings, place }) =>
    checks.flatMap((check) => check(settings, context).map(place)),
  );
  // A setting that several clusters share is reported once.
  return [...new Map(all.map((warning) => [`${warning.path}\n${warning.message}`, warning])).values()];
}

const poolPath = (index: number, setting: string): string => `pools[${index}].${setting}`;

const requirementsOf = (selector: string): readonly Requirement[] => {
  const parsed = parseSelector(selector);
  return parsed.ok ? parsed.requirements : [];
};

/** True if no set of labels meets both clauses. */
function contradict(one: Requirement, other: Requirement): boolean {
  if (one.key !== other.key) return false;
  if (one.operator === 'absent') return other.operator === 'in' || other.operator === 'exists';
  if (one.operator !== 'in') return false;
  if (other.operator === 'in') return !one.values.some((value) => other.values.includes(value));
  return other.operator === 'notin' && one.values.every((value) => other.values.includes(value));
}

function emptyPools({ pools }: ConfigFile): readonly Problem[] {
  return pools.flatMap(({ selector }, index) => {
    const clauses = requirementsOf(selector);
    return clauses.some((one) => clauses.some((other) => contradict(one, other)))
      ? [{ path: poolPath(index, 'selector'), message: `${found(selector)} No node can have such labels.` }]
      : [];
  });
}

/** True if all labels that meet the first clause also meet the second. */
function implies(one: Requirement, other: Requirement): boolean {
  if (one.key !== other.key) return false;
  if (other.operator === 'exists') return one.operator === 'exists' || one.operator === 'in';
  if (other.operator === 'absent') return one.operator === 'absent';
  if (other.operator === 'in')
    return one.operator === 'in' && one.values.every((value) => other.values.includes(value));
  if (one.operator === 'absent') return true;
  return one.operator === 'in'
    ? !one.values.some((value) => other.values.includes(value))
    : one.operator === 'notin' && other.values.every((value) => one.values.includes(value));
}

function shadowedPools({ pools }: ConfigFile): readonly Problem[] {
  const selectors = pools.map(({ name, selector }) => ({ name, clauses: requirementsOf(selector) }));
  return selectors.flatMap(({ clauses: own }, index) => {
    const before = selectors
      .slice(0, index)
      .find((other) => other.clauses.every((wanted) => own.some((one) => implies(one, wanted))));
    if (before === undefined) return [];
    const message = `Pool ${before.name} comes before and takes every node of this one. Write this pool before it, or a narrower selector there.`;
    return [{ path: poolPath(index, 'selector'), message }];
  });
}

function nobodyApproves(file: ConfigFile): readonly Problem[] {
  return policyOf(file, '').pools.flatMap(({ approvers, approval }, index) => {
    if (approvers.kind !== 'nobody' || approval === 'auto') return [];
    const message =
      approval === 'manual'
        ? 'Nobody may approve, and approval is manual: no node is ever rebooted. Name users or groups, or write `channel`.'
        : 'Nobody may approve, snooze or deny: only the window rule decides. Name users or groups, or write `channel`.';
    return [{ path: poolPath(index, 'approvers'), message }];
  });
}

interface PlacedWindow {
  readonly path: string;
  readonly window: MaintenanceWindow;
  readonly pool: PoolPolicy;
}

const windowsOf = (file: ConfigFile): readonly PlacedWindow[] =>
  policyOf(file, '').pools.flatMap((pool, index) =>
    pool.windows.map((window, nth) => ({ path: poolPath(index, `windows[${nth}]`), window, pool })),
  );

/** Calendars are not read here: only dates that the file itself excludes count. */
const only = (pool: PoolPolicy, windows: readonly MaintenanceWindow[]): PoolPolicy => ({
  ...pool,
  windows,
  calendars: [],
});

function closedWindows(file: ConfigFile, { now }: WarningContext): readonly Problem[] {
  return windowsOf(file).flatMap(({ path, window, pool }) =>
    whyNoneOpens(only(pool, [window]), now) === undefined
      ? []
      : [
          {
            path,
            message: 'It does not open within a year. Look at its days and dates, and at `excludeDates`.',
          },
        ],
  );
}

function shortWindows(file: ConfigFile): readonly Problem[] {
  return windowsOf(file).flatMap(({ path, window, pool }) => {
    const [length, drain] = [window.length * minute, pool.drain.timeout];
    if (length >= drain) return [];
    const message = `It is open for ${inWords(length)}, and a drain may take ${inWords(drain)} (\`drain.timeout\`). Write a longer window, or a shorter timeout.`;
    return [{ path, message }];
  });
}

function longNoticePeriod(file: ConfigFile, { now }: WarningContext): readonly Problem[] {
  return policyOf(file, '').pools.flatMap((pool, index) => {
    if (pool.approval === 'manual' || pool.windows.length === 0) return [];
    const opens = nextOpenings(only(pool, pool.windows), now, 12).flatMap((each) =>
      each.kind === 'opening' ? [each.opens] : [],
    );
    const gaps = opens.slice(1).map((at, nth) => at - (opens[nth] ?? at));
    const longest = Math.max(...gaps);
    if (gaps.length === 0 || pool.noticePeriod < longest) return [];
    const message = `Windows open at most ${inWords(longest)} apart: with a notice of ${inWords(pool.noticePeriod)} each node misses at least one.`;
    return [{ path: poolPath(index, 'notice'), message }];
  });
}

function unusedCalendars({ calendars, pools }: ConfigFile): readonly Problem[] {
  return calendars.flatMap(({ name }, index) =>
    pools.some((pool) => pool.calendars.includes(name))
      ? []
      : [
          {
            path: `calendars[${index}].name`,
            message: `No pool names calendar ${name}: it closes and opens nothing. Write it into \`calendars\` of a pool.`,
          },
        ],
  );
}

function missingCalendars({ calendars }: ConfigFile, { isMounted }: WarningContext): readonly Problem[] {
  return calendars.flatMap(({ file, urlFile }, index) => {
    const [setting, path] = file === undefined ? ['urlFile', urlFile] : ['file', file];
    if (path === undefined || isMounted(path) !== false) return [];
    const message = `There is no file ${shown(path)} where this was checked. In the pod of the bot it has to be mounted (\`bot.extraVolumes\`).`;
    return [{ path: `calendars[${index}].${setting}`, message }];
  });
}

const secretNames = /authorization|cookie|password|secret|token|api-?key/i;

/** `headers` occurs in every place that names a service, so it is searched by its name. */
function secretHeaders(file: ConfigFile): readonly Problem[] {
  const found: Problem[] = [];
  const visit = (value: unknown, path: string): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [name, inner] of Object.entries(value)) {
      const at = Array.isArray(value) ? `${path}[${name}]` : path === '' ? name : `${path}.${name}`;
      if (path.endsWith('.headers') && secretNames.test(name))
        found.push({
          path: at,
          message:
            'It looks like a secret, and everybody who may read the configuration reads it. Name a file with `bearerTokenFile` or `basic`.',
        });
      visit(inner, at);
    }
  };
  visit(file, '');
  return found;
}

const fixed: Readonly<Record<string, string>> = {
  EST: 'America/New_York',
  MST: 'America/Denver',
  HST: 'Pacific/Honolulu',
};

/** Zones that are named like a place's time, but have no daylight saving time. */
function fixedZones(file: ConfigFile): readonly Problem[] {
  const named = [
    { path: 'timeZone', zone: file.timeZone },
    ...file.calendars.map(({ timeZone }, nth) => ({ path: `calendars[${nth}].timeZone`, zone: timeZone })),
    ...file.pools.flatMap(({ windows }, index) =>
      windows.map(({ timeZone }, nth) => ({
        path: poolPath(index, `windows[${nth}].timeZone`),
        zone: timeZone,
      })),
    ),
  ];
  return named.flatMap(({ path, zone }) => {
    const meant = zone === undefined ? undefined : fixed[zone];
    return meant === undefined
      ? []
      : [{ path, message: `${found(zone)} It has no summer time. Did you mean ${meant}?` }];
  });
}
