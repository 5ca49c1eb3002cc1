/** Builds the view of a rollout: its progress, and what it waits for. Pure. */
import { inRolloutView } from '../scheduling/blockers/blocker-facts.ts';
import type { Blocker } from '../scheduling/blockers/blockers.ts';
import { haltOf, gateCheck } from '../state/stored-blockers.ts';
import { isIn, type Reboot } from '../state/reboot.ts';
import { allowanceOf, byAge, doneIn, mayStillRun, type Rollout, startedAt } from './rollout.ts';
import type { RolloutView } from './rollout-facts.ts';
import { type Instant, toInstant } from '../time/time.ts';

/**
 * The Reboot whose card carries the view of the rollout: the oldest one, so that every replica chooses the
 * same for the whole rollout.
 */
export const leaderOf = (reboots: readonly Reboot[]): Reboot | undefined =>
  reboots.reduce<Reboot | undefined>(
    (oldest, reboot) => (oldest === undefined || byAge(reboot, oldest) < 0 ? reboot : oldest),
    undefined,
  );

/** The view; undefined until the first node has started, and where the pool is too small for stages. */
export function rolloutView(
  rollout: Rollout,
  about: {
    readonly pool: string;
    readonly blocked: ReadonlyMap<string, readonly Blocker[]>;
    readonly now: Instant;
  },
): RolloutView | undefined {
  const { reboots, nodes, stages } = rollout;
  const starts = reboots.flatMap((reboot) => startedAt(reboot) ?? []);
  const [first] = reboots;
  if (starts.length === 0 || stages.length === 0 || first === undefined) return undefined;
  const { kernel, packages } = first.need;
  const allowed = allowanceOf(rollout, about.now);
  const size = nodes.length;
  const standing = standingsOf(reboots);
  const endedAt = endOf(rollout, standing.leftOut.length);
  const halted = haltedIn(reboots);
  const waitsFor = standing.underWay.length > 0 ? undefined : waitOf(reboots, about.blocked);
  const accepted = acceptedIn(reboots);
  return {
    pool: about.pool,
    target: rollout.target,
    ...(kernel.next === undefined ? {} : { kernel: kernel.next }),
    packages: packages.filter(({ risk }) => risk !== 'other'),
    size,
    done: Math.min(doneIn(rollout), size),
    stage: allowed.stage,
    stageEnds: [...stages, size],
    ...(allowed.moreAt === undefined ? {} : { bakesUntil: allowed.moreAt }),
    ...standing,
    failures: reboots.filter((reboot) => hasFailed(reboot)).length,
    ...(halted ? { halted } : {}),
    ...(waitsFor ? { waitsFor } : {}),
    ...(accepted ? { accepted } : {}),
    beganAt: starts.reduce((one, other) => Math.min(one, other)),
    ...(endedAt === undefined ? {} : { endedAt }),
  };
}

type Standings = Pick<RolloutView, 'underWay' | 'waiting' | 'undecided' | 'failed' | 'leftOut'>;

/** Only the newest Reboot of each node counts. */
function standingsOf(reboots: readonly Reboot[]): Standings {
  const newest = [...new Map(reboots.toSorted(byAge).map((reboot) => [reboot.node.uid, reboot])).values()];
  const named = (is: (reboot: Reboot) => boolean): readonly string[] =>
    newest.filter(is).map(({ node }) => node.name);
  return {
    underWay: newest
      .filter((reboot) => isIn(reboot, 'Draining', 'Rebooting', 'Settling'))
      .map(({ node, state }) => ({ node: node.name, phase: state.phase })),
    waiting: named((reboot) => isIn(reboot, 'Approved', 'Undoing')),
    undecided: named((reboot) => isIn(reboot, 'Pending', 'Snoozed')),
    failed: named((reboot) => isIn(reboot, 'Failed')),
    leftOut: named(isLeftOut),
  };
}

const isLeftOut = (reboot: Reboot): boolean => isIn(reboot, 'Cancelled', 'Denied', 'GivenUp');

const hasFailed = (reboot: Reboot): boolean =>
  isIn(reboot, 'Failed', 'GivenUp') ||
  reboot.history.some(({ what }) => what === 'retried' || what === 'skipped');

/** When the last node finished; undefined while any node is left. */
function endOf(rollout: Rollout, leftOut: number): Instant | undefined {
  const { reboots, nodes } = rollout;
  if (doneIn(rollout) + leftOut < nodes.length || reboots.some((reboot) => mayStillRun(reboot)))
    return undefined;
  return Math.max(...reboots.map(({ state }) => toInstant(state.since)));
}

/** The halt stored on the oldest halted Reboot. */
export function haltedIn(reboots: readonly Reboot[]): RolloutView['halted'] {
  for (const reboot of reboots.toSorted(byAge)) {
    const halt = isIn(reboot, 'Approved') ? haltOf(reboot) : undefined;
    if (halt && isIn(reboot, 'Approved')) return { ...halt, seen: gateCheck(reboot.state)?.at ?? '' };
  }
  return undefined;
}

/** The first blocker of the first blocked Reboot, in plan order, that no other field of the view says. */
function waitOf(
  reboots: readonly Reboot[],
  blocked: ReadonlyMap<string, readonly Blocker[]>,
): Blocker | undefined {
  const names = new Set(reboots.map(({ name }) => name));
  for (const [name, blockers] of blocked)
    if (names.has(name)) return blockers.find(({ code }) => !inRolloutView.has(code));
  return undefined;
}

function acceptedIn(reboots: readonly Reboot[]): RolloutView['accepted'] {
  const entries = reboots
    .flatMap(({ history }) => history)
    .filter(({ what }) => what === 'accepted')
    .toSorted((one, other) => (one.at < other.at ? -1 : 1));
  const last = entries.at(-1);
  return last && { at: last.at, ...(last.by === undefined ? {} : { by: last.by }) };
}
