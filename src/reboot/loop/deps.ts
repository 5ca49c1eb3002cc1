import type { Hash } from '../signals/packages.ts';
import type { Policy } from '../policy/policy.ts';
import type { RefusedConfig } from '../ports/refused-config.ts';
import type { Instant, Clock, Timestamp } from '../time/time.ts';
import type { Chat } from '../ports/chat.ts';
import type { Observation } from '../nodes/observation.ts';
import type { Cluster } from '../ports/cluster/cluster.ts';
import type { Gatekeeper, Hooks } from '../ports/outside.ts';
import type { Ledger, Pauses, PoolDigests, RebootStore } from '../ports/stores.ts';
import type { Logger } from '../ports/logger.ts';
import type { Meter } from '../ports/meter.ts';
import type { Queue } from '../ports/queue.ts';
import type { Silences } from '../ports/silences.ts';

import type { AgentView } from '../nodes/observation.ts';
import type { NodeView } from '../nodes/node-view.ts';
import type { Blocker } from '../scheduling/blockers/blockers.ts';
import type { Plan } from '../scheduling/plan/plan.ts';
import type { Snapshot } from '../scheduling/snapshot/snapshot.ts';
import type { Reboot } from '../state/reboot.ts';
import type { StepRate } from './step-rate.ts';

/** What a reconcile is based on, besides the record. */
export interface Basis {
  readonly node: NodeView | undefined;
  readonly agent: AgentView | undefined;
  readonly policy: Policy;
}

/** The last reconcile of a waiting Reboot that left nothing to do. */
export interface Rested extends Basis {
  readonly version: string;
  readonly at: Instant;
  /** When it has to be reconciled without an event. */
  readonly wakeAt?: Instant;
  readonly blockers: readonly Blocker[];
  /** Its card was due to be rendered; `last` is the previous render. */
  readonly render?: { readonly last: Rendered | undefined };
}

/** A plan, and what it was made from. */
export interface Planned extends Plan {
  readonly snapshot: Snapshot;
  readonly policy: Policy;
  readonly at: Instant;
  /** When the plan expires, even without a change. */
  readonly until: Instant;
}

/** Starts that the plan allowed and that fresh reads refused. */
export interface StartRefusals {
  readonly times: number;
  /** Earliest time of the next try. */
  readonly until: Instant;
}

/** The last render of a card by this process. */
export interface Rendered {
  /** Hash of what the card shows. */
  readonly fingerprint: string;
  readonly at: Instant;
}

/**
 * Proof that the order is owed since `since`: this process stored the phase, and the NodeAgent had `version`
 * before. Whatever ends the phase in the same boot changes that version.
 */
export interface OrderProof {
  readonly since: Timestamp;
  readonly version: string;
}

/** The dependencies of the service: the ports of one cluster, and what all clusters share. */
export interface ServiceDeps {
  readonly cluster: Cluster;
  readonly store: RebootStore;
  readonly ledger: Ledger;
  readonly pauses: Pauses;
  readonly digests: PoolDigests;
  readonly gatekeeper: Gatekeeper;
  /**
   * Checks the gates within seconds, for `/reboot why`. Gates that may only be called just before a start are
   * skipped.
   */
  readonly preview: Gatekeeper;
  readonly hooks: Hooks;
  readonly silences: Silences;
  readonly chat: Chat;
  readonly queue: Queue;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly meter: Pick<Meter, 'saved'>;
  /** A function, since the configuration can be reloaded. */
  readonly policy: () => Policy;
  /** The current configuration if it was rejected; undefined while it is in force. */
  readonly refusedConfig: () => RefusedConfig | undefined;
  readonly hash: Hash;
  /** Since when Slack is unreachable; undefined while it is reachable. */
  readonly chatAwaySince: () => Instant | undefined;
  /**
   * Deleted Reboots that cannot be re-created yet: the API server is away, or their definition (CRD) is gone
   * too.
   */
  readonly unwritten: Map<string, Reboot>;
  /**
   * Names of Reboots whose deletion is being handled. Until that is over, no new Reboot is created for their
   * boot.
   */
  readonly deletions: Set<string>;
  /**
   * Keys of notices that were posted and of warnings that were logged, so that they are not repeated at each
   * resync.
   */
  readonly told: Set<string>;
  /**
   * By Reboot in Settling: when it was last observed by a fresh read, including the DaemonSet pods of its
   * node.
   */
  readonly proofsRead: Map<string, Instant>;
  /**
   * By Reboot: the read that its start was decided on, for the step that cordons the node, or that proved its
   * success, for the step that uncordons it.
   */
  readonly proofs: Map<string, { readonly observation: Observation; readonly at: Instant }>;
  /** By Reboot: the proof that its order is owed, for the step that gives it. */
  readonly orders: Map<string, OrderProof>;
  /** The last plan of this process, and the last one that its job has acted on. */
  readonly planned: { last?: Planned; actedOn?: Planned };
  /** By Reboot: a start that is running. `isWanted`: a plan has requested it again meanwhile. */
  readonly starting: Map<string, { isWanted: boolean }>;
  /** Reboots that were woken once to be assessed before their turn comes. */
  readonly assessedAhead: Set<string>;
  /** By Reboot: the results of its last tries to start. */
  readonly startRefusals: Map<string, StartRefusals>;
  /** By Reboot: the last render of its card. */
  readonly rendered: Map<string, Rendered>;
  /** By waiting Reboot: its last reconcile that left nothing to do. */
  readonly rested: Map<string, Rested>;
  /** By pool: the last render of its digest. No fingerprint: it may have failed. */
  readonly digestRendered: Map<
    string,
    { readonly id: string; readonly at: Instant; readonly fingerprint?: string }
  >;
  /** By pool: when the list of its digest was last made. */
  readonly digestListed: Map<string, Instant>;
  /** By pool: when its digest could not be stored. Its nodes ask one by one then. */
  readonly digestsRefusedAt: Map<string, Instant>;
  /** By Reboot: until when its silence needs no check. */
  readonly silencedUntil: Map<string, Instant>;
  /** By Reboot: how fast its steps follow each other. */
  readonly steps: Map<string, StepRate>;
  /** Tugboot's own pods (`namespace/name`) and their nodes: drained last, rebooted last. */
  readonly own: () => { readonly pods: readonly string[]; readonly nodes: readonly string[] };
}

type Memory =
  | 'unwritten'
  | 'deletions'
  | 'told'
  | 'proofsRead'
  | 'proofs'
  | 'orders'
  | 'planned'
  | 'startRefusals'
  | 'starting'
  | 'assessedAhead'
  | 'rendered'
  | 'rested'
  | 'silencedUntil'
  | 'steps'
  | 'digestRendered'
  | 'digestListed'
  | 'digestsRefusedAt';

/** What the service is built from. The rest of its dependencies is state in memory. */
export type ServicePorts = Omit<ServiceDeps, Memory>;

export const withMemory = (ports: ServicePorts): ServiceDeps => ({
  ...ports,
  unwritten: new Map(),
  deletions: new Set(),
  told: new Set(),
  proofsRead: new Map(),
  proofs: new Map(),
  orders: new Map(),
  planned: {},
  startRefusals: new Map(),
  starting: new Map(),
  assessedAhead: new Set(),
  rendered: new Map(),
  rested: new Map(),
  silencedUntil: new Map(),
  steps: new Map(),
  digestRendered: new Map(),
  digestListed: new Map(),
  digestsRefusedAt: new Map(),
});
