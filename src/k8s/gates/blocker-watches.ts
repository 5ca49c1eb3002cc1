import { watchedInNodes } from '../../reboot/scheduling/blockers/blocker-facts.ts';
import type { BlockerCode } from '../../reboot/scheduling/blockers/blockers.ts';
import type { NodeView } from '../../reboot/nodes/node-view.ts';
import type { StartQuestion } from '../../reboot/ports/outside.ts';
import { isIn } from '../../reboot/state/reboot.ts';
import { gateCheck } from '../../reboot/state/stored-blockers.ts';
import type { Instant, Millis } from '../../reboot/time/time.ts';
import type { ReflectorDeps } from '../watch/reflector.ts';
import { createTimer } from '../../timing/timer.ts';
import { othersNotReady } from './control-plane-nodes.ts';
import { backedOff, atRest, nextAt, type AdaptiveBackoff } from './adaptive-backoff.ts';
import { budgetGates } from './budget-gates.ts';
import { type GateWatches, gateWatches, gateKeyOf } from './gate-watches.ts';
import { podGates } from './pod-gates.ts';
import { type WatchedGate, watchedPods } from './watched-gate.ts';

export interface BlockerWatches {
  /**
   * Replaces the set of blocked Reboots. Watches the objects that block them, as far as the API can show
   * those; without blocked Reboots there are no watches.
   */
  follow(blocked: readonly StartQuestion[]): void;
  /** Notifies of a change in a node's view. */
  nodeChanged(): void;
  stop(): Promise<void>;
}

export interface BlockerWatchesDeps extends ReflectorDeps {
  readonly nodes: () => readonly NodeView[];
  /**
   * Called when the watches show that none of their objects blocks these Reboots any more. The caller has to
   * query the gates: a watch may lag behind.
   */
  readonly onClear: (reboots: readonly string[]) => void;
}

interface BlockedReboot {
  readonly question: StartQuestion;
  readonly gates: readonly WatchedGate[];
  readonly controlPlane: boolean;
  readonly backoff: AdaptiveBackoff;
  readonly clear: boolean;
  /** When `onClear` is due; undefined if it was called, or if the Reboot is still blocked. */
  readonly due?: Instant;
}

/**
 * The pods of a Deployment become ready within moments of each other. Reboots that waited for them are
 * reported in one call.
 */
const burst: Millis = 20;

/**
 * Event-driven where the API can show a change. All gates are also polled every few seconds, in case a watch
 * misses one.
 */
export function blockerWatches(deps: BlockerWatchesDeps): BlockerWatches {
  const { clock, nodes, onClear } = deps;
  const blocked = new Map<string, BlockedReboot>();
  const watches = gateWatches(deps, () => evaluateAll());
  const timer = createTimer(deps, () => reportCleared());
  let stopped = false;

  const evaluateAll = (): void => {
    // One timestamp for all, so that Reboots blocked by the same object are reported together.
    const now = clock.now();
    for (const [name, each] of blocked) {
      const next = evaluated(each, isClear(each, watches, nodes), now);
      blocked.set(name, next);
      if (next.due !== undefined) timer.set(next.due);
    }
  };
  const reportCleared = (): void => {
    const now = clock.now();
    const clear = [...blocked].filter(([, { due }]) => due !== undefined && due <= now);
    for (const [name, each] of clear) blocked.set(name, reported(each, now));
    for (const { due } of blocked.values()) if (due !== undefined) timer.set(due);
    if (clear.length === 0) return;
    try {
      onClear(clear.map(([name]) => name));
    } catch (error) {
      // An error in the listener must not end the watches.
      deps.logger.error('a listener of the gates failed', { err: error });
    }
  };
  return {
    follow(questions) {
      if (stopped) return;
      const before = new Map(blocked);
      blocked.clear();
      for (const question of questions) {
        const next = blockedReboot(question, before.get(question.reboot.name), clock.now());
        if (next !== undefined) blocked.set(question.reboot.name, next);
      }
      watches.keep([...blocked.values()].flatMap(({ gates }) => gates));
      evaluateAll();
    },
    nodeChanged() {
      if ([...blocked.values()].some(({ controlPlane }) => controlPlane)) evaluateAll();
    },
    async stop() {
      stopped = true;
      timer.stop();
      blocked.clear();
      await watches.stop();
    },
  };
}

/** The watchable part of a Reboot's blockers; undefined when there is none. */
function blockedReboot(
  question: StartQuestion,
  before: BlockedReboot | undefined,
  now: Instant,
): BlockedReboot | undefined {
  const { reboot } = question;
  if (!isIn(reboot, 'Approved')) return undefined;
  const codes = new Set<BlockerCode>(gateCheck(reboot.state)?.blockers.map(({ code }) => code));
  const ofPods = podGates(question, now).filter(({ code }) => codes.has(code));
  const gates = [...ofPods.map(watchedPods), ...budgetGates(reboot, now)];
  const controlPlane = [...codes].some((code) => watchedInNodes.has(code));
  if (gates.length === 0 && !controlPlane) return undefined;
  const blocked = { question, gates, controlPlane };
  // The same blockers as before: keep what was already reported.
  if (before && sameGates(before, blocked)) return { ...before, question, gates };
  return { ...blocked, backoff: before?.backoff ?? atRest, clear: false };
}

const sameGates = (one: Pick<BlockedReboot, 'gates' | 'controlPlane'>, two: typeof one): boolean =>
  one.controlPlane === two.controlPlane &&
  one.gates.map(gateKeyOf).join() === two.gates.map(gateKeyOf).join();

function evaluated(each: BlockedReboot, clear: boolean, now: Instant): BlockedReboot {
  if (each.clear === clear) return each;
  if (!clear) return { ...withoutDue(each), clear };
  return { ...each, clear, due: Math.max(now + burst, nextAt(each.backoff)) };
}

const reported = (each: BlockedReboot, now: Instant): BlockedReboot => ({
  ...withoutDue(each),
  backoff: backedOff(each.backoff, now),
});

function withoutDue(each: BlockedReboot): BlockedReboot {
  const { due: _, ...rest } = each;
  return rest;
}

function isClear(
  { gates, controlPlane, question }: BlockedReboot,
  watches: Pick<GateWatches, 'counted'>,
  nodes: () => readonly NodeView[],
): boolean {
  if (controlPlane && othersNotReady(nodes(), question.node.name).length > 0) return false;
  return gates.every((gate) => {
    const counted = watches.counted(gate);
    return counted !== undefined && gate.isClear(counted);
  });
}
