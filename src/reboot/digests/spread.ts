/**
 * Applies the decisions for many to each Reboot. Each was stored before it was answered, and stays until it
 * has a result, so that an interrupted job is continued by the next.
 */
import {
  type DigestDecision,
  type ManyOutcome,
  mostRefusals,
  type PoolDigest,
  type Refusal,
} from '../pool-digest/pool-digest.ts';
import { chosenEntries, eventForOne, isApplied, type PartOfMany } from '../pool-digest/decide-many.ts';
import { sortedByStart } from '../pool-digest/sort-by-start.ts';
import { applyDecision } from '../commands/record-decision.ts';
import { isPending, type ShownEntry, type ShownList, withDecision } from '../shown-list/shown-list.ts';
import { PortError } from '../ports/port-error.ts';
import type { Reboot } from '../state/reboot.ts';
import { toInstant, toTimestamp } from '../time/time.ts';
import { poolFor } from '../loop/apply.ts';
import type { ServiceDeps } from '../loop/deps.ts';
import { listsJob } from '../ports/queue.ts';
import { inPool } from './outlook.ts';

/** How many Reboots are written at once. */
const parallel = 8;

/** Bound of the decisions that one job applies. */
const mostDecisions = 1000;

/** `of`: the pool whose digest has the decisions, or the shown lists. */
export const spread = (deps: ServiceDeps, of: string): Promise<void> =>
  of === listsJob ? spreadLists(deps) : spreadDigest(deps, of);

async function spreadDigest(deps: ServiceDeps, pool: string): Promise<void> {
  // In the order in which they were taken, on which the result depends.
  for (let done = 0; done < mostDecisions; done += 1) {
    const digest = await deps.digests.read(pool);
    const decision = digest?.decisions.find(({ result }) => result === undefined);
    if (!digest || !decision) break;
    const entries = sortedByStart(chosenEntries(digest, decision), known(deps));
    const refusals = await applyToEach(deps, inPool(entries, pool), decision);
    await storeResult(deps, digest, decision, outcomeOf(deps, decision.of, refusals));
  }
  await deps.queue.updateDigest(pool);
}

async function spreadLists(deps: ServiceDeps): Promise<void> {
  for (let done = 0; done < mostDecisions; done += 1) {
    const list = (await deps.digests.lists.read()).find(isPending);
    if (!list?.decision) break;
    const { id, request, entries, decision } = list;
    const refusals = await applyToEach(deps, entries, { id, request, by: decision.by });
    const result = outcomeOf(deps, entries.length, refusals);
    // Before it is stored: a process that continues an interrupted job posts it, and the channel has it once.
    await tellNotApplied(deps, list, result);
    await storeListResult(deps, list, result);
  }
}

async function applyToEach(
  deps: ServiceDeps,
  entries: readonly ShownEntry[],
  decision: PartOfMany,
): Promise<readonly Refusal[]> {
  const waiting = [...entries];
  const refusals: Refusal[] = [];
  const work = async (): Promise<void> => {
    for (let entry = waiting.shift(); entry; entry = waiting.shift()) {
      const sentence = await applyToOne(deps, entry, decision);
      if (sentence !== undefined) refusals.push({ reboot: entry.reboot, sentence });
    }
  };
  await Promise.all(Array.from({ length: parallel }, work));
  return refusals;
}

const known = (deps: ServiceDeps) => new Map(deps.store.all().map((reboot) => [reboot.name, reboot]));

/** A sentence where it was not applied. */
async function applyToOne(
  deps: ServiceDeps,
  entry: ShownEntry,
  decision: PartOfMany,
): Promise<string | undefined> {
  const { request, by } = decision;
  if (by.kind !== 'user') return undefined;
  const latest = await deps.store.latest(entry.reboot);
  if (latest && isApplied(latest, decision)) return undefined;
  let repeated = false;
  const result = await applyDecision(deps, entry.reboot, {
    request,
    by,
    choose: (reboot) => {
      repeated = isApplied(reboot, decision);
      return repeated ? { code: 'already-decided', sentence: '' } : eventForOne(reboot, entry, decision);
    },
  });
  return result.ok || repeated ? undefined : result.rejection.sentence;
}

const outcomeOf = (deps: ServiceDeps, of: number, refusals: readonly Refusal[]): ManyOutcome => ({
  at: toTimestamp(deps.clock.now()),
  applied: of - refusals.length,
  refused: refusals.length,
  refusals: refusals.slice(0, mostRefusals),
});

async function storeResult(
  deps: ServiceDeps,
  { pool, id: digest }: PoolDigest,
  { id, request, by }: DigestDecision,
  result: ManyOutcome,
): Promise<void> {
  logApplied(deps, { pool, digest, decision: request.kind }, { by, result });
  await deps.digests.update(pool, (stored) => {
    if (stored?.id !== digest) return stored;
    const decisions = stored.decisions.map((one) => (one.id === id ? withResult(one, result) : one));
    return { ...stored, decisions };
  });
}

async function storeListResult(deps: ServiceDeps, list: ShownList, result: ManyOutcome): Promise<void> {
  const { id, request, decision } = list;
  if (!decision) return;
  logApplied(deps, { list: id, decision: request.kind }, { by: decision.by, result });
  await deps.digests.lists.update((lists) =>
    lists.some((each) => each.id === id) ? withDecision(lists, id, { ...decision, result }) : lists,
  );
}

/** The person was answered before it was applied. A digest tells it in its own message. */
async function tellNotApplied(
  deps: ServiceDeps,
  { id, request, decision }: ShownList,
  { applied, refused, refusals: [first, ...others] }: ManyOutcome,
): Promise<void> {
  if (!decision || !first || refused <= (decision.refused ?? 0)) return;
  const { cluster } = deps.policy();
  const known = (name: string): Reboot | undefined => deps.store.cached(name);
  const { channel } = poolFor(deps, known(first.reboot) ?? { pool: '' });
  const refusals = [first, ...others].map(({ reboot, sentence }) => ({
    node: known(reboot)?.node.name ?? reboot,
    sentence,
  }));
  const about = { key: `not-applied.${id}`, cluster, channel, since: toInstant(decision.at) };
  try {
    await deps.chat.reportNotApplied({ ...about, request, by: decision.by, applied, refused, refusals });
  } catch (error) {
    // What Slack refuses for good must not keep the lists after this one waiting.
    if (!(error instanceof PortError) || error.retryable) throw error;
    deps.logger.error('refused decisions not told', { list: id, refused, err: error });
  }
}

const logApplied = (
  { logger }: ServiceDeps,
  fields: Readonly<Record<string, string>>,
  { by, result: { applied, refused } }: Pick<PartOfMany, 'by'> & { readonly result: ManyOutcome },
): void =>
  logger.info('decision for many applied', {
    ...fields,
    by: by.kind === 'user' ? by.id : by.kind,
    applied,
    refused,
  });

function withResult(
  { only: _applied, ...decision }: DigestDecision,
  result: NonNullable<DigestDecision['result']>,
): DigestDecision {
  return { ...decision, result };
}
