/** The Reboots that a decision by command on many nodes would be about: listed, stored, and answered. */
import type { Rejection } from '../approval/decision-request.ts';
import type { Caller } from '../approval/person.ts';
import { poolFor } from '../loop/apply.ts';
import type { ServiceDeps } from '../loop/deps.ts';
import { isOpen } from '../ownership/ownership.ts';
import { entriesByName } from '../pool-digest/asking.ts';
import { kernelsOf, packageGroups } from '../pool-digest/message/digest-packages.ts';
import { type PoolDigest, shownDigest } from '../pool-digest/pool-digest.ts';
import { sortedByStart } from '../pool-digest/sort-by-start.ts';
import { poolOf } from '../policy/pools.ts';
import type { AskedDecision, ListAnswer, ListView } from '../ports/decisions/many-decisions.ts';
import { PortError } from '../ports/port-error.ts';
import { sentenceFor } from '../ports/port-error-words.ts';
import { listLifetime, type ShownEntry, type ShownList, withList } from '../shown-list/shown-list.ts';
import type { Reboot } from '../state/reboot.ts';
import { toInstant, toTimestamp } from '../time/time.ts';
import { standingOf } from '../words/words.ts';
import { afterDecision, isRejected, missingFor } from './outlook.ts';
import { type Target, resolveTarget } from './target.ts';

const refused = (sentence: string): Extract<ListAnswer, { ok: false }> => ({ ok: false, sentence });

export async function propose(
  deps: ServiceDeps,
  { target: text, request }: AskedDecision,
  caller: Caller,
): Promise<ListAnswer> {
  const target = resolveTarget(deps, text);
  if (!target.ok) return target;
  if (target.of === 'node') return { ...target, ...channelOf(deps, target.node) };
  const found = lookUp(deps, target, { request, caller });
  if (found.entries.length === 0) return refused(nothingTo(target, found.not));
  try {
    return await stored(deps, found, { request, caller });
  } catch (error) {
    if (!(error instanceof PortError)) throw error;
    return refused(sentenceFor(error));
  }
}

function channelOf(deps: ServiceDeps, name: string): { readonly channel?: string } {
  const node = deps.cluster.cachedNode(name);
  const pool = node && poolOf(deps.policy(), node);
  return pool === undefined ? {} : { channel: pool.channel };
}

interface Found {
  readonly entries: readonly ShownEntry[];
  readonly reboots: readonly Reboot[];
  readonly not: ListView['not'];
  readonly approvalsMissing: number;
}

type Asked = Pick<AskedDecision, 'request'> & { readonly caller: Caller };

function lookUp(deps: ServiceDeps, target: Exclude<Target, { of: 'node' }>, asked: Asked): Found {
  const known = new Map(deps.store.all().map((reboot) => [reboot.name, reboot]));
  const open = [...known.values()].filter((reboot) => isOpen(reboot) && target.has(reboot));
  const reboots: Reboot[] = [];
  const rejected: { readonly reboot: Reboot; readonly why: string }[] = [];
  let approvalsMissing = 0;
  for (const reboot of open) {
    const after = outcomeFor(deps, reboot, asked);
    if (isRejected(after)) {
      rejected.push({ reboot, why: whyNot(reboot, after) });
      continue;
    }
    reboots.push(reboot);
    approvalsMissing = Math.max(approvalsMissing, missingFor(deps, after));
  }
  const entries = sortedByStart(reboots.map(entryOf), known);
  return { entries, reboots, not: grouped(rejected), approvalsMissing };
}

const entryOf = ({ name, pool, need }: Reboot): ShownEntry => ({
  reboot: name,
  pool,
  digest: shownDigest(need.digest),
});

/** People decide where others can see it: in the channel that has the cards. */
function outcomeFor(deps: ServiceDeps, reboot: Reboot, { request, caller }: Asked): Reboot | Rejection {
  const { person, channel } = caller;
  const by = { kind: 'user', id: person.id, name: person.name } as const;
  const after = afterDecision(deps, reboot, entryOf(reboot), { person, request, by });
  const { channel: cards } = poolFor(deps, reboot);
  return isRejected(after) || (reboot.chat.card?.channel ?? cards) === channel ? after : elsewhere;
}

const elsewhere: Rejection = {
  code: 'not-allowed',
  sentence: 'Decide about them in the channel that has their cards, where others can see it.',
};

/** Rejections whose sentence names the node are grouped by the state of the Reboot instead. */
const byStanding: ReadonlySet<Rejection['code']> = new Set([
  'already-decided',
  'too-late',
  'not-possible-now',
] as const);

const whyNot = ({ state, node }: Reboot, { code, sentence }: Rejection): string =>
  byStanding.has(code) ? `${standingOf(state.phase)}.` : sentence.replaceAll(node.name, 'This node');

const mostGroups = 5;
const mostNamed = 3;

const grouped = (rejected: readonly { readonly reboot: Reboot; readonly why: string }[]): ListView['not'] =>
  [...Map.groupBy(rejected, ({ why }) => why)]
    .map(([sentence, same]) => ({
      sentence,
      nodes: same.length,
      first: same.slice(0, mostNamed).map(({ reboot }) => reboot.node.name),
    }))
    .toSorted((one, other) => other.nodes - one.nodes)
    .slice(0, mostGroups);

function nothingTo({ label }: Exclude<Target, { of: 'node' }>, not: ListView['not']): string {
  const [first] = not;
  if (first === undefined) return `No node of ${label} asks for anything now.`;
  const others = first.nodes - first.first.length;
  const who = first.first.join(', ') + (others > 0 ? ` and ${others} more` : '');
  return `There is nothing to decide about ${label}. ${who}: ${first.sentence}`;
}

const mostFirst = 10;

async function stored(deps: ServiceDeps, found: Found, { request, caller }: Asked): Promise<ListAnswer> {
  const { entries, reboots, not, approvalsMissing } = found;
  const now = deps.clock.now();
  const at = toTimestamp(now);
  const whole = request.kind === 'approve' ? wholeDigest(deps.digests.all(), entries) : undefined;
  const list: ShownList = {
    id: listId(deps, { at, request, by: caller.person.id, reboots }),
    at,
    request,
    ...(whole ? { entries: [], digest: { id: whole.id, revision: whole.revision } } : { entries }),
  };
  if (!(await keep(deps, list)))
    return refused(
      `That would be about ${entries.length} nodes, more than one list has room for. Name a pool, or a selector that matches fewer.`,
    );
  const names = new Map(reboots.map(({ name, node }) => [name, node.name]));
  return {
    ok: true,
    of: 'list',
    list: {
      id: list.id,
      cluster: deps.policy().cluster,
      request,
      nodes: entries.length,
      pools: [...Map.groupBy(entries, ({ pool }) => pool)]
        .map(([pool, same]) => ({ pool, nodes: same.length }))
        .toSorted((one, other) => other.nodes - one.nodes),
      first: entries.slice(0, mostFirst).flatMap(({ reboot }) => names.get(reboot) ?? []),
      ...packageGroups(reboots),
      kernels: kernelsOf(reboots, ({ next }) => next),
      not,
      approvalsMissing,
      validUntil: toInstant(at) + listLifetime,
    },
  };
}

/** The versions make it unique: whether a decision was applied is told by its ID. */
const listId = (
  { hash }: ServiceDeps,
  {
    reboots,
    ...about
  }: Pick<ShownList, 'at' | 'request'> & {
    readonly by: string;
    readonly reboots: readonly Reboot[];
  },
): string => hash(JSON.stringify([about, reboots.map(({ name, version }) => [name, version])])).slice(0, 16);

/** The open digest that lists exactly these: the decision is taken, and told, there. */
function wholeDigest(digests: readonly PoolDigest[], entries: readonly ShownEntry[]): PoolDigest | undefined {
  const digest = digests.find(({ pool, closedAt }) => closedAt === undefined && pool === entries[0]?.pool);
  const listed = digest && entriesByName(digest);
  if (!listed || listed.size !== entries.length) return undefined;
  return entries.every(({ reboot, digest: of }) => listed.get(reboot)?.digest === of) ? digest : undefined;
}

async function keep(deps: ServiceDeps, list: ShownList): Promise<boolean> {
  let isFull = false;
  const kept = await deps.digests.lists.update((lists) => {
    const next = withList(lists, list, deps.clock.now());
    isFull = next === 'full';
    return next === 'full' ? lists : next;
  });
  return kept !== 'too-large' && !isFull;
}
