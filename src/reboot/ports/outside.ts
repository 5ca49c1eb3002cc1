import type { PoolPolicy } from '../policy/policy.ts';
import type { WebhookHook } from '../policy/pool-hooks.ts';
import type { NodeView } from '../nodes/node-view.ts';
import type { Reboot } from '../state/reboot.ts';
import type { WorkloadBefore } from '../nodes/workloads.ts';
import type { Blocker } from '../scheduling/blockers/blockers.ts';
import type { HookStep, HookAnswer } from '../state/hook-facts.ts';
import type { Timestamp } from '../time/time.ts';

/** A node that the plan would start now. */
export interface StartQuestion {
  readonly pool: PoolPolicy;
  readonly node: Pick<NodeView, 'name' | 'uid' | 'labels'>;
  readonly reboot: Reboot;
  /**
   * For the first start of a rollout stage: the readiness of the workloads on the nodes that are done, before
   * their reboots.
   */
  readonly before?: readonly WorkloadBefore[];
}

/** Gates that need I/O: pods, alerts, a webhook. Checked just before a start, and again while they block. */
export interface Gatekeeper {
  /** Empty: it may start. A gate that cannot be checked returns a blocker. Never throws. */
  ask(question: StartQuestion): Promise<readonly Blocker[]>;
}

/** Identical for each repetition of a call, from any replica, so that the receiver can deduplicate. */
export interface HookQuestion {
  readonly hook: WebhookHook;
  readonly step: HookStep;
  readonly since: Timestamp;
  readonly pool: string;
  readonly node: Pick<NodeView, 'name' | 'labels'>;
  readonly reboot: Reboot;
}

/** The webhooks of a pool that are called during a reboot. */
export interface Hooks {
  /** Bounded in time. A failed call returns an answer that says so; it never throws. */
  ask(question: HookQuestion): Promise<HookAnswer>;
}
