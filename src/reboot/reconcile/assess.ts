import type { PoolPolicy } from '../policy/policy.ts';
import { type Impact } from '../state/drain-facts.ts';
import { isIn, type Reboot } from '../state/reboot.ts';
import { type Millis, second, toInstant } from '../ports/time.ts';
import { isAssessedSince, isWorse } from '../machine/assessed.ts';
import { impactTtl } from '../state/next-wake.ts';
import { apply, fieldsOf, poolFor } from './apply.ts';
import type { ServiceDeps } from '../loop/deps.ts';

/**
 * When thousands wait, each gets its turn: the API server is asked about one of them in so many seconds on
 * average.
 */
const sharePerWaiting: Millis = 3 * second;

/** Scans wake what waits, so that a card that nobody touches is refreshed as well. */
function isStale(deps: ServiceDeps, { impact }: Reboot): boolean {
  if (impact === undefined) return true;
  const age = deps.clock.now() - toInstant(impact.at);
  if (age < impactTtl) return false;
  const waiting = deps.store.all().filter((each) => isIn(each, 'Pending', 'Snoozed', 'Approved')).length;
  return age >= waiting * sharePerWaiting;
}

const isDue = (deps: ServiceDeps, reboot: Reboot): boolean =>
  (isIn(reboot, 'Approved') && !isAssessedSince(reboot, reboot.state.decision.at)) || isStale(deps, reboot);

/**
 * What the reboot would disturb is shown before anybody decides, and looked at again right after a decision,
 * whoever took it and from where, before the start. A decision is not held up for it: what was seen and what
 * is true may differ, and then the thread says so. A card without it is better than no card, and a start
 * without it better than one that waits for it.
 */
export async function assessIfDue(deps: ServiceDeps, reboot: Reboot): Promise<Reboot | 'again' | undefined> {
  if (!isIn(reboot, 'Pending', 'Snoozed', 'Approved') || !isDue(deps, reboot)) return undefined;
  try {
    const fresh = isIn(reboot, 'Approved');
    const impact = await assessIn(deps, poolFor(deps, reboot), { node: reboot.node.name, fresh });
    // Others may have written to the record meanwhile; read before a decision, it is no look after it.
    const { phase, since } = reboot.state;
    const applied = await apply(deps, reboot.name, ({ state }) =>
      state.phase === phase && state.since === since ? { type: 'assessed', impact } : overtaken,
    );
    if (applied.outcome === 'gone' || applied.outcome === 'rejected') return 'again';
    await tellIfWorse(deps, applied.reboot);
    return applied.reboot;
  } catch (error) {
    deps.logger.warn('impact cannot be assessed', { ...fieldsOf(reboot), err: error });
    return undefined;
  }
}

export const assessIn = (
  { cluster }: Pick<ServiceDeps, 'cluster'>,
  { drain, gates: { podAnnotations } }: PoolPolicy,
  { node, fresh }: { readonly node: string; readonly fresh: boolean },
): Promise<Impact> =>
  cluster.assess(node, drain, { fresh, ...(podAnnotations.length === 0 ? {} : { podAnnotations }) });

const overtaken = { code: 'too-late', sentence: 'It was decided meanwhile.' } as const;

async function tellIfWorse(deps: ServiceDeps, reboot: Reboot): Promise<void> {
  const { impact } = reboot;
  if (!isIn(reboot, 'Approved') || impact === undefined || !isWorse(impact)) return;
  const { lost, goesDown, refusals } = impact.afterDecision ?? {};
  deps.logger.warn('the reboot disturbs more than was known when it was approved', {
    ...fieldsOf(reboot),
    lost,
    goes_down: goesDown,
    refusals,
  });
  // Said before the drain begins, as far as chat is quick.
  await deps.queue.render(reboot.name);
}
