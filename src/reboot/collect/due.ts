/**
 * Whether a waiting Reboot has to be reconciled at a resync. Compares in memory what its last reconcile was
 * based on with what the watches hold, so that thousands of waiting Reboots cost no requests.
 */
import type { Blocker } from '../scheduling/blockers/blockers.ts';
import type { Plan } from '../scheduling/plan/plan.ts';
import type { Reboot } from '../state/reboot.ts';
import { type Instant, type Millis, minute, toInstant } from '../time/time.ts';
import { basisOf } from '../loop/rested.ts';
import { owesLabels } from '../effects/label-node.ts';
import type { Rested, ServiceDeps } from '../loop/deps.ts';

/**
 * Reconciled this often without a reason: what a card shows depends on the time too, and another replica may
 * have rendered it from another state.
 */
const restMaxAge: Millis = 30 * minute;

export type Due =
  | { readonly what: 'reconcile' }
  | { readonly what: 'reconcile-at'; readonly at: Instant }
  /** Only the words of its blockers have changed. */
  | { readonly what: 'reword' }
  | { readonly what: 'render' };

/** What all waiting Reboots are compared with at one resync. */
export interface WaitingWorld {
  readonly planned: Plan;
  /** What is due by then cannot be left to the next resync. */
  readonly soon: Instant;
  readonly impactMaxAge: Millis;
}

/** What is due for a waiting Reboot. */
export function dueFor(deps: ServiceDeps, reboot: Reboot, world: WaitingWorld): Due | undefined {
  const rested = deps.rested.get(reboot.name);
  if (rested === undefined || hasChanged(deps, reboot, rested)) return { what: 'reconcile' };
  // A failed write of labels delays no wait, and is repeated here.
  if (owesLabels(deps, reboot, rested.node)) return { what: 'reconcile' };
  return (
    timeDue(deps, reboot, { rested, world }) ??
    wordsDue(reboot, { rested, world }) ??
    renderDue(deps, reboot, rested)
  );
}

interface Compared {
  readonly rested: Rested;
  readonly world: WaitingWorld;
}

function timeDue(deps: ServiceDeps, reboot: Reboot, { rested, world }: Compared): Due | undefined {
  const now = deps.clock.now();
  const isOld = now - rested.at >= restMaxAge + jitterOf(reboot);
  const assessedAt = reboot.impact === undefined ? now : toInstant(reboot.impact.at);
  if (isOld || now - assessedAt >= world.impactMaxAge) return { what: 'reconcile' };
  const { wakeAt = Number.POSITIVE_INFINITY } = rested;
  if (wakeAt > world.soon) return undefined;
  return wakeAt <= now ? { what: 'reconcile' } : { what: 'reconcile-at', at: wakeAt };
}

/** The job that plans wakes those whose blockers are others. */
function wordsDue(reboot: Reboot, { rested, world }: Compared): Due | undefined {
  const blockers = world.planned.blocked.get(reboot.name);
  if (blockers === undefined) return undefined;
  return sameText(sentencesOf(blockers), sentencesOf(rested.blockers)) ? undefined : { what: 'reword' };
}

function renderDue(deps: ServiceDeps, { name }: Reboot, { render }: Rested): Due | undefined {
  return render !== undefined && deps.rendered.get(name) === render.last ? { what: 'render' } : undefined;
}

const hasChanged = (deps: ServiceDeps, reboot: Reboot, rested: Rested): boolean => {
  const { node, agent, policy } = basisOf(deps, reboot);
  return (
    rested.version !== reboot.version ||
    rested.policy !== policy ||
    !isSame(rested.node, node) ||
    !isSame(rested.agent, agent)
  );
};

/** The watch cache keeps the object as long as its content is the same. */
const isSame = (one: unknown, other: unknown): boolean =>
  one === other || JSON.stringify(one) === JSON.stringify(other);

const sentencesOf = (blockers: readonly Blocker[]): readonly string[] =>
  blockers.map(({ sentence }) => sentence);
const sameText = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((text, nth) => text === other[nth]);

/** Spreads Reboots that came to rest together. The same for a Reboot in every process. */
function jitterOf({ name }: Reboot): Millis {
  let sum = 0;
  for (let index = 0; index < name.length; index += 1) sum = (sum * 31 + name.charCodeAt(index)) % 1_009;
  return (restMaxAge * sum) / 1_009;
}
