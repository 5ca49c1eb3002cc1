import type { PoolPolicy } from '../policy/policy.ts';
import type { WebhookHook } from '../policy/pool-hooks.ts';
import type { NodeView } from '../nodes/node-view.ts';
import type { Reboot } from '../state/reboot.ts';
import type { WorkloadBefore } from '../rollout/workloads.ts';
import type { Blocker } from '../scheduling/blockers.ts';
import type { HookStep, HookAnswer } from '../state/hook-facts.ts';
import type { Timestamp } from './time.ts';

/** A node that would start now, as far as the plan can tell. */
export interface StartQuestion {
  readonly pool: PoolPolicy;
  readonly node: Pick<NodeView, 'name' | 'uid' | 'labels'>;
  readonly reboot: Reboot;
  /**
   * Where it is the first of a stage of its rollout: how ready the workloads of the nodes were that are done.
   */
  readonly before?: readonly WorkloadBefore[];
}

/**
 * What only the outside knows: pods, alerts, a webhook. Asked just before a start, and again while it says
 * no.
 */
export interface Gatekeeper {
  /** Nothing: it may start. What could not be asked is a blocker that says so; it never throws. */
  ask(question: StartQuestion): Promise<readonly Blocker[]>;
}

/** The same for each repetition of a question, whichever bot asks it. */
export interface HookQuestion {
  readonly hook: WebhookHook;
  readonly step: HookStep;
  readonly since: Timestamp;
  readonly pool: string;
  readonly node: Pick<NodeView, 'name' | 'labels'>;
  readonly reboot: Reboot;
}

/** The webhooks that take part in a reboot. */
export interface Hooks {
  /** Bounded in time; what could not be asked is an answer that says so. It never throws. */
  ask(question: HookQuestion): Promise<HookAnswer>;
}
