/** Gathers what the message of a pool digest shows. Pure. */
import type { RolloutView } from '../../rollout/rollout-facts.ts';
import { automaticApproval } from '../../approval/automatic-approval.ts';
import type { Blocker } from '../../scheduling/blockers/blockers.ts';
import { beyondRule } from '../../approval/rule-limits.ts';
import type { PoolPolicy } from '../../policy/policy.ts';
import { approvalsNeeded } from '../../policy/pools.ts';
import { isIn, type Reboot } from '../../state/reboot.ts';
import { type Instant, toInstant } from '../../time/time.ts';
import { demandsIn } from '../../approval/demands.ts';
import { dueReminder, remindersOf } from '../../deadlines/reminders.ts';
import { withoutCleanUp } from '../../machine/events/events.ts';
import { cardData } from '../../card/card-data.ts';
import { offersOf } from '../../card/offers.ts';
import { entriesByName } from '../asking.ts';
import { paceIn } from '../digest-limits.ts';
import type { DigestCounts, DigestDecisionView, DigestOffers, PoolDigestData } from './digest-facts.ts';
import { digestImpact } from './digest-impact.ts';
import { kernelsOf, packageGroups } from './digest-packages.ts';
import { failureGroups, rowsOf, runningRows, undoneGroups, waitGroups } from './digest-rows.ts';
import { hoursOf } from './digest-time.ts';
import { entryShownAt, type PoolDigest } from '../pool-digest.ts';

/** The inputs of the data. */
export interface DigestWorld {
  readonly cluster: string;
  readonly pool: PoolPolicy;
  /** Those of the cluster. */
  readonly reboots: readonly Reboot[];
  readonly blocked: ReadonlyMap<string, readonly Blocker[]>;
  /** How many more of the pool ask, and do not fit. */
  readonly left: number;
  readonly rollout?: RolloutView;
  readonly now: Instant;
}

export function digestData(digest: PoolDigest, world: DigestWorld): PoolDigestData {
  const { pool, reboots, now } = world;
  const listed = entriesByName(digest);
  const members = reboots.filter(({ name }) => listed.has(name));
  const asking = members.filter((reboot) => isIn(reboot, 'Pending', 'Snoozed'));
  const counts = countsOf(members, listed.size);
  const concerned = asking.length > 0 ? asking : members;
  const left = members.filter((reboot) => !isIn(reboot, 'Succeeded', 'Cancelled', 'GivenUp', 'Superseded'));
  const pace = paceIn(digest, reboots);
  const groups = packageGroups(left.length > 0 ? left : members);
  return {
    cluster: world.cluster,
    channel: pool.channel,
    pool: digest.pool,
    id: digest.id,
    revision: digest.revision,
    chat: digest.chat,
    now,
    openedAt: toInstant(digest.openedAt),
    ...(digest.closedAt === undefined ? {} : { closedAt: toInstant(digest.closedAt) }),
    firstAskedAt: Math.min(
      ...members.map(({ createdAt }) => toInstant(createdAt)),
      toInstant(digest.openedAt),
    ),
    counts,
    offers: offersIn(members, world.blocked),
    ...groups,
    kernels: kernelsOf(left.length > 0 ? left : members, ({ next }) => next),
    runningKernels: kernelsOf(concerned, ({ running }) => running),
    ...digestImpact(asking),
    rows: rowsOf(asking),
    running: runningRows(members),
    waitsFor: waitGroups(members, world.blocked),
    failed: failureGroups(members),
    undone: undoneGroups(members),
    decisions: digest.decisions.map((decision) => decisionView(decision, reboots)),
    alone: new Set(digest.entries.flatMap(({ reboot }) => (listed.has(reboot) ? [] : [reboot]))).size,
    left: world.left,
    ...rulesOf(digest, asking, world),
    ...demandsIn(pool),
    ...reminderIn(digest, asking, world),
    ...(world.rollout ? { rollout: world.rollout } : {}),
    concurrency: pool.concurrency,
    ...(pace?.atMost === pool.concurrency ? { concurrencyBy: pace.by } : {}),
    ...hoursOf(members, { all: reboots, pool, now }),
  };
}

function countsOf(members: readonly Reboot[], total: number): DigestCounts {
  const count = (is: (reboot: Reboot) => boolean): number => members.filter(is).length;
  const counts = {
    asking: count((reboot) => isIn(reboot, 'Pending')),
    snoozed: count((reboot) => isIn(reboot, 'Snoozed')),
    denied: count((reboot) => isIn(reboot, 'Denied')),
    waiting: count((reboot) => isIn(reboot, 'Approved', 'Undoing')),
    running: count((reboot) => isIn(reboot, 'Draining', 'Rebooting', 'Settling')),
    failed: count((reboot) => isIn(reboot, 'Failed')),
    done: count((reboot) => isIn(reboot, 'Succeeded')),
  };
  const known = Object.values(counts).reduce((sum, each) => sum + each, 0);
  return { total, ...counts, ended: total - known };
}

/** One for all: nobody has decided on them since they were listed, or since the last decision. */
function reminderIn(
  digest: PoolDigest,
  asking: readonly Reboot[],
  world: DigestWorld,
): Pick<PoolDigestData, 'reminder'> {
  const { pool, now } = world;
  const asks = asking.some((reboot) => isIn(reboot, 'Pending'));
  if (pool.remind === undefined || !asks || digest.closedAt !== undefined) return {};
  if (automaticOf(digest, asking, world) !== undefined) return {};
  const since = Math.max(toInstant(digest.openedAt), ...digest.decisions.map(decidedUntil));
  const stage = dueReminder(remindersOf(since, pool.remind), [], now);
  return stage === undefined
    ? {}
    : { reminder: { stage, since, groups: pool.remind.escalate?.groups ?? [] } };
}

const decidedUntil = ({ at, request }: PoolDigest['decisions'][number]): Instant =>
  request.kind === 'snooze' && typeof request.until === 'number'
    ? Math.max(request.until, toInstant(at))
    : toInstant(at);

function offersIn(members: readonly Reboot[], blocked: DigestWorld['blocked']): DigestOffers {
  const offers = { 'ask-again': 0, cancel: 0, retry: 0, skip: 0, force: 0 };
  for (const reboot of members)
    for (const kind of offersOf(afterCleanUp(reboot), blocked.get(reboot.name) ?? []))
      if (kind in offers) offers[kind as keyof DigestOffers] += 1;
  return offers;
}

/** The clean-up of a cancelled one ends within moments, when the message may not be rendered any more. */
const afterCleanUp = (reboot: Reboot): Reboot =>
  isIn(reboot, 'Cancelled') ? withoutCleanUp(reboot) : reboot;

function decisionView(
  { id, request, by, at, of, result }: PoolDigest['decisions'][number],
  reboots: readonly Reboot[],
): DigestDecisionView {
  const view = { id, request, by, at: toInstant(at), of };
  if (!result) return view;
  const nodes = new Map(reboots.map(({ name, node }) => [name, node.name]));
  const refusals = result.refusals.map(({ reboot, sentence }) => ({
    node: nodes.get(reboot) ?? reboot,
    sentence,
  }));
  return { ...view, result: { applied: result.applied, refused: result.refused, refusals } };
}

type Rules = Pick<
  PoolDigestData,
  'automatic' | 'beyondRule' | 'approvers' | 'approvalsNeeded' | 'approveNowAllowed' | 'window' | 'noWindow'
>;

/** What the rules of the pool say about those that ask. */
function rulesOf(digest: PoolDigest, asking: readonly Reboot[], world: DigestWorld): Rules {
  const { pool, now, cluster } = world;
  const [first] = asking;
  const any = first ?? world.reboots.find(({ name }) => entriesByName(digest).has(name));
  const needed = asking.map(({ facts }) => approvalsNeeded(pool, facts));
  const rule = automaticOf(digest, asking, world);
  const base = { approvers: pool.approvers, approvalsNeeded: Math.max(1, ...needed) };
  if (!any) return { ...base, approveNowAllowed: true };
  const card = cardData(any, { cluster, pool, blockers: [], now });
  const beyond = pool.approval === 'manual' || !first ? undefined : beyondRule(first.need, pool);
  return {
    ...base,
    approveNowAllowed: card.approveNowAllowed,
    ...(card.window ? { window: card.window } : {}),
    ...(card.noWindow === undefined ? {} : { noWindow: card.noWindow }),
    ...(rule ? { automatic: rule } : {}),
    ...(rule || beyond === undefined ? {} : { beyondRule: beyond }),
  };
}

function automaticOf(
  digest: PoolDigest,
  asking: readonly Reboot[],
  { pool, now }: DigestWorld,
): PoolDigestData['automatic'] {
  if (pool.approval === 'manual') return undefined;
  const listed = entriesByName(digest);
  const times = asking.flatMap((reboot) => {
    const entry = listed.get(reboot.name);
    // Before the message is posted: computed as if it were posted now.
    const askedAt = entry && (entryShownAt(digest, entry) ?? now);
    return (
      automaticApproval(reboot, { ...pool, ...(askedAt === undefined ? {} : { askedAt }) }, now)?.at ?? []
    );
  });
  return times.length === 0 ? undefined : { at: Math.min(...times), nodes: times.length };
}

/**
 * The Reboots whose impact stands for all that ask: the first ones, which stay the same while others join.
 */
export function sampleOf(
  digest: PoolDigest,
  find: (name: string) => Reboot | undefined,
): ReadonlySet<string> {
  const sample = new Set<string>();
  // The current entries in their order. It is asked about each of thousands: it ends with the last of them.
  for (const name of entriesByName(digest).keys()) {
    const known = find(name);
    if (known !== undefined && isIn(known, 'Pending', 'Snoozed')) sample.add(name);
    if (sample.size === sampleSize) break;
  }
  return sample;
}

const sampleSize = 5;
