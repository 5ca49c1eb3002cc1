/**
 * The requests of the bot for one reboot, by kind, with upper bounds: docs/benchmarks.md has a line for each
 * kind, and there are no others. The same on the demo's API and on a real API server.
 */

/** A request as the API server has recorded it. `path` is without the query. */
export interface RecordedRequest {
  readonly at: number;
  readonly verb: string;
  readonly path: string;
  readonly status: number;
}

/**
 * Of a reboot in which no write is lost and that takes `usualSeconds`. Each lost compare-and-swap costs a
 * read and a write more. What is repeated while the node drains and settles (stored progress, observations of
 * the node) is repeated once a second at most.
 */
const most: Readonly<Record<string, number>> = {
  'get reboot': 4,
  'get node': 4,
  'get nodeagent': 3,
  'get ledger': 4,
  'get pauses': 1,
  // Those of the nodes that have room, too.
  'list pods': 8,
  'list nodes': 1,
  'list budgets': 2,
  'list daemonsets': 2,
  'list workloads': 4,
  'create reboot': 1,
  'patch reboot': 23,
  'patch node': 4,
  'patch node condition': 3,
  'patch nodeagent': 3,
  'write ledger': 3,
};
const usualSeconds = 12;
const mostInAll = { reads: 25, writes: 33 };

const patterns: readonly (readonly [string, RegExp])[] = [
  ['reboot', /\/reboots(\/[^/]+(\/status)?)?$/],
  ['node condition', /\/nodes\/[^/]+\/status$/],
  ['nodes', /\/nodes$/],
  ['node', /\/nodes\/[^/]+$/],
  ['nodeagent', /\/nodeagents\/[^/]+$/],
  ['ledger', /\/configmaps\/tugboot-turns$|\/configmaps$/],
  ['pauses', /\/configmaps\/tugboot-pauses$/],
  ['budgets', /\/poddisruptionbudgets$/],
  ['daemonsets', /\/daemonsets$/],
  ['workloads', /\/(deployments|statefulsets|replicasets|replicationcontrollers)$/],
  ['pods', /\/pods$/],
];

function kindOf({ verb, path }: RecordedRequest): string {
  const what = patterns.find(([, pattern]) => pattern.test(path))?.[0] ?? path;
  return what === 'ledger' && verb !== 'get' ? 'write ledger' : `${verb} ${what}`;
}

const isRead = ({ verb }: RecordedRequest): boolean => verb === 'get' || verb === 'list';

/** Watches are shared by all reboots, or held open by a drain; evictions and Events are counted apart. */
const isCounted = ({ verb, path }: RecordedRequest): boolean =>
  verb !== 'watch' && !path.endsWith('/eviction') && !path.endsWith('/events');

export interface RequestTable {
  readonly counts: ReadonlyMap<string, number>;
  readonly reads: number;
  readonly writes: number;
  readonly evictions: number;
  readonly events: number;
  /** Kinds with more requests than their bound, and kinds without one. */
  readonly above: readonly string[];
}

/** `made`: the bot's requests for one reboot, the oldest first. */
export function tableOf(made: readonly RecordedRequest[]): RequestTable {
  const counted = made.filter(isCounted);
  const counts = new Map<string, number>();
  for (const request of counted) counts.set(kindOf(request), (counts.get(kindOf(request)) ?? 0) + 1);
  const reads = counted.filter(isRead).length;
  const writes = counted.length - reads;
  // A ledger or pauses that do not exist yet are no lost write.
  const lost = counted.filter((request) => request.status >= 400 && !isRead(request)).length;
  const seconds = ((made.at(-1)?.at ?? 0) - (made[0]?.at ?? 0)) / 1000;
  const more = lost + Math.max(0, Math.ceil(seconds - usualSeconds));
  const isAbove = (count: number, bound: number | undefined): boolean =>
    bound === undefined || count > bound + more;
  return {
    counts,
    reads,
    writes,
    evictions: made.filter(({ path }) => path.endsWith('/eviction')).length,
    events: made.filter(({ path }) => path.endsWith('/events')).length,
    above: [
      ...[...counts].filter(([kind, count]) => isAbove(count, most[kind])),
      ...(isAbove(reads, mostInAll.reads) ? [['reads', reads] as const] : []),
      ...(isAbove(writes, mostInAll.writes) ? [['writes', writes] as const] : []),
    ].map(([kind, count]) => `${count} × ${kind}`),
  };
}

/** As text, for the log of a test run. */
export function printed({ counts, reads, writes, evictions, events }: RequestTable): string {
  const kinds = [...counts].toSorted(([one], [other]) => (one < other ? -1 : 1));
  const sums = Object.entries({ reads, writes, evictions, events });
  return [...kinds, ...sums].map(([kind, count]) => `${String(count).padStart(4)} ${kind}`).join('\n');
}
