/**
 * Applies the decisions for many to each Reboot. Each was stored before it was answered, and stays until it
 * has a result, so that an interrupted job is continued by the next.
 */
import {
  type DigestDecision,
  type DigestEntry,
  mostRefusals,
  type PoolDigest,
  type Refusal,
} from '../pool-digest/pool-digest.ts';
import { chosenEntries, eventForOne, isApplied } from '../pool-digest/decide-many.ts';
import { inStartOrder } from '../pool-digest/start-order.ts';
import { applyDecision } from '../commands/record-decision.ts';
import { toTimestamp } from '../time/time.ts';
import type { ServiceDeps } from '../loop/deps.ts';

/** How many Reboots are written at once. */
const parallel = 8;

export async function spread(deps: ServiceDeps, pool: string): Promise<void> {
  // In the order in which they were taken: approving after a denial is another thing than denying after it.
  for (let done = 0; done < 1000; done += 1) {
    const digest = await deps.digests.read(pool);
    const decision = digest?.decisions.find(({ result }) => result === undefined);
    if (!digest || !decision) break;
    const refusals = await applyToEach(deps, digest, decision);
    await storeResult(deps, digest, decision, refusals);
  }
  await deps.queue.digest(pool);
}

async function applyToEach(
  deps: ServiceDeps,
  digest: PoolDigest,
  decision: DigestDecision,
): Promise<readonly Refusal[]> {
  const waiting = [...inStartOrder(chosenEntries(digest, decision), known(deps))];
  const refusals: Refusal[] = [];
  const work = async (): Promise<void> => {
    for (let entry = waiting.shift(); entry; entry = waiting.shift()) {
      const sentence = await applyToOne(deps, entry, { digest, decision });
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
  entry: DigestEntry,
  { digest: { pool }, decision }: { readonly digest: PoolDigest; readonly decision: DigestDecision },
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
      return repeated
        ? { code: 'already-decided', sentence: '' }
        : eventForOne(reboot, entry, { pool, request, by });
    },
  });
  return result.ok || repeated ? undefined : result.rejection.sentence;
}

async function storeResult(
  deps: ServiceDeps,
  { pool, id: digest }: PoolDigest,
  { id, of, request, by }: DigestDecision,
  refusals: readonly Refusal[],
): Promise<void> {
  const result = {
    at: toTimestamp(deps.clock.now()),
    applied: of - refusals.length,
    refused: refusals.length,
    refusals: refusals.slice(0, mostRefusals),
  };
  deps.logger.info('decision for many applied', {
    pool,
    digest,
    decision: request.kind,
    by: by.kind === 'user' ? by.id : by.kind,
    applied: result.applied,
    refused: result.refused,
  });
  await deps.digests.update(pool, (stored) => {
    if (stored?.id !== digest) return stored;
    const decisions = stored.decisions.map((one) => (one.id === id ? withResult(one, result) : one));
    return { ...stored, decisions };
  });
}

function withResult(
  { only: _applied, ...decision }: DigestDecision,
  result: NonNullable<DigestDecision['result']>,
): DigestDecision {
  return { ...decision, result };
}
