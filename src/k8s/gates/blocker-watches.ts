import type { BlockerCode } from '../../reboot/scheduling/blockers.ts';
import type { NodeView } from '../../reboot/nodes/node-view.ts';
import type { StartQuestion } from '../../reboot/ports/outside.ts';
import { isIn } from '../../reboot/state/reboot.ts';
import type { Instant, Millis } from '../../reboot/ports/time.ts';
import type { ReflectorDeps } from '../api/reflector.ts';
import { createTimer } from './timer.ts';
import { othersNotReady } from './control-plane-nodes.ts';
import { backedOff, atRest, nextAt, type AdaptiveBackoff } from './adaptive-backoff.ts';
import { budgetGates } from './budget-gates.ts';
import { type GateWatches, gateWatches, keyOf } from './gate-watches.ts';
import { podGates } from './pod-gates.ts';
import { type WatchedGate, watchedPods } from './watched-gate.ts';

export interface BlockerWatches {
  /** These are held back now. What a watch can tell of it is watched; while nobody is held, nothing is. */
  follow(held: readonly StartQuestion[]): void;
  /** The view of a node has changed. */
  nodeChanged(): void;
  stop(): Promise<void>;
}

export interface BlockerWatchesDeps extends ReflectorDeps {
  readonly nodes: () => readonly NodeView[];
  /**
   * Told when, by what the watches tell, nothing that they can tell of holds these Reboots back any more. It
   * is a reason to ask, and no answer: a watch may be behind.
   */
  readonly onClear: (reboots: readonly string[]) => void;
}

interface Held {
  readonly question: StartQuestion;
  readonly gates: readonly WatchedGate[];
  readonly controlPlane: boolean;
  readonly pace: AdaptiveBackoff;
  readonly clear: boolean;
  /** When it is told that it is clear; undefined when that was told, or it is not. */
  readonly due?: Instant;
}

/**
 * Pods of a Deployment become ready one after the other, within moments: those who waited for them are told
 * together.
 */
const burst: Millis = 20;

/**
 * Event-driven where the API can tell of a change; all else is asked about every few seconds, and so is this,
 * for the case that a watch has missed something.
 */
export function blockerWatches(deps: BlockerWatchesDeps): BlockerWatches {
  const { clock, nodes, onClear } = deps;
  const held = new Map<string, Held>();
  const watches = gateWatches(deps, () => look());
  const timer = createTimer(deps, () => tell());
  let stopped = false;

  const look = (): void => {
    // One moment for all, so that those who wait for the same are told together.
    const now = clock.now();
    for (const [name, each] of held) {
      const next = judged(each, isClear(each, watches, nodes), now);
      held.set(name, next);
      if (next.due !== undefined) timer.set(next.due);
    }
  };
  const tell = (): void => {
    const now = clock.now();
    const clear = [...held].filter(([, { due }]) => due !== undefined && due <= now);
    for (const [name, each] of clear) held.set(name, told(each, now));
    for (const { due } of held.values()) if (due !== undefined) timer.set(due);
    if (clear.length === 0) return;
    try {
      onClear(clear.map(([name]) => name));
    } catch (error) {
      // A listener's mistake must not end the watching for everybody.
      deps.logger.error('a listener of the gates failed', { error });
    }
  };
  return {
    follow(questions) {
      if (stopped) return;
      const before = new Map(held);
      held.clear();
      for (const question of questions) {
        const next = heldBy(question, before.get(question.reboot.name), clock.now());
        if (next !== undefined) held.set(question.reboot.name, next);
      }
      watches.keep([...held.values()].flatMap(({ gates }) => gates));
      look();
    },
    nodeChanged() {
      if ([...held.values()].some(({ controlPlane }) => controlPlane)) look();
    },
    async stop() {
      stopped = true;
      timer.stop();
      held.clear();
      await watches.stop();
    },
  };
}

/** What of the things that hold it back can be watched; undefined when nothing of it can. */
function heldBy(question: StartQuestion, before: Held | undefined, now: Instant): Held | undefined {
  const { reboot } = question;
  if (!isIn(reboot, 'Approved')) return undefined;
  const codes = new Set<BlockerCode>(reboot.state.held?.blockers.map(({ code }) => code));
  const ofPods = podGates(question, now).filter(({ code }) => codes.has(code));
  const gates = [...ofPods.map(watchedPods), ...budgetGates(reboot, now)];
  const controlPlane = codes.has('control-plane-unhealthy');
  if (gates.length === 0 && !controlPlane) return undefined;
  const held = { question, gates, controlPlane };
  // Held back by the same as before: what was told of it need not be told again.
  if (before && sameGates(before, held)) return { ...before, question, gates };
  return { ...held, pace: before?.pace ?? atRest, clear: false };
}

const sameGates = (one: Pick<Held, 'gates' | 'controlPlane'>, two: typeof one): boolean =>
  one.controlPlane === two.controlPlane && one.gates.map(keyOf).join() === two.gates.map(keyOf).join();

function judged(each: Held, clear: boolean, now: Instant): Held {
  if (each.clear === clear) return each;
  if (!clear) return { ...withoutDue(each), clear };
  return { ...each, clear, due: Math.max(now + burst, nextAt(each.pace)) };
}

const told = (each: Held, now: Instant): Held => ({ ...withoutDue(each), pace: backedOff(each.pace, now) });

function withoutDue(each: Held): Held {
  const { due: _, ...rest } = each;
  return rest;
}

function isClear(
  { gates, controlPlane, question }: Held,
  watches: Pick<GateWatches, 'counted'>,
  nodes: () => readonly NodeView[],
): boolean {
  if (controlPlane && othersNotReady(nodes(), question.node.name).length > 0) return false;
  return gates.every((gate) => {
    const counted = watches.counted(gate);
    return counted !== undefined && gate.isClear(counted);
  });
}
