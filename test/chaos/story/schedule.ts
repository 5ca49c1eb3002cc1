/** A schedule: one world, what happens in it, and what goes wrong. Plain data. */
import type { Fault } from './faults.ts';

export interface NodePlan {
  readonly name: string;
  readonly pool: string;
  readonly zone: string;
  readonly controlPlane: boolean;
  /** Milliseconds from going down to the new boot. */
  readonly boot: number;
  readonly bootFault?: 'never-back' | 'old-kernel' | 'still-required' | 'not-ready';
}

export interface WorkloadPlan {
  readonly name: string;
  readonly replicas: number;
  readonly kind: 'ReplicaSet' | 'DaemonSet' | 'bare';
  /** minAvailable of each of its budgets; two of them are crossed. */
  readonly budgets: readonly number[];
  readonly stopSeconds: number;
  readonly toleratesCordon: boolean;
}

/** What people do in Slack, and hands in the cluster. */
export interface Act {
  readonly at: number;
  readonly who: 'mia' | 'lee' | 'sam' | 'gio';
  readonly what:
    | { readonly kind: 'command'; readonly line: string }
    | { readonly kind: 'click'; readonly action: string; readonly pick: number }
    | { readonly kind: 'home' };
}

export interface Hand {
  readonly at: number;
  readonly node: string;
  readonly what:
    | 'sentinel'
    | 'packages'
    | 'sentinel-gone'
    | 'cordon'
    | 'uncordon'
    | 'boot'
    | 'power-loss'
    | 'delete-reboot'
    | 'delete-agent'
    | 'delete-node'
    | 'replace-node'
    | 'label'
    | 'pause'
    | 'forge-report'
    | 'agent-restart'
    | 'agent-away'
    | 'reload-config';
}

export interface WorldPlan {
  readonly bots: number;
  readonly nodes: readonly NodePlan[];
  readonly workloads: readonly WorkloadPlan[];
  /** The configuration file of the bots, as data. */
  readonly config: Readonly<Record<string, unknown>> & { readonly pools: readonly PoolPlan[] };
}

export interface PoolPlan {
  readonly name: string;
  readonly selector: string;
  readonly concurrency: number;
  readonly maxUnavailable: number;
  readonly settleTime: string;
  readonly [setting: string]: unknown;
}

export interface Schedule {
  readonly seed: number;
  /** Milliseconds in which things happen; afterwards the faults are over. */
  readonly lasts: number;
  readonly world: WorldPlan;
  readonly acts: readonly Act[];
  readonly hands: readonly Hand[];
  readonly faults: readonly Fault[];
}
