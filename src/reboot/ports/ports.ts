/**
 * What the core needs of the world, in the words of the field. Adapters: src/k8s (Cluster, RebootStore, Ledger),
 * src/bot (Chat, Directory), src/jobs (Queue); fakes in test/fakes. Each has a contract suite in test/contracts that fake and
 * adapter both pass.
 *
 * Every method that cannot reach its system throws a `PortError`; everything that can be expected is a returned value.
 */
import type { Blocker } from '../scheduling/blockers.ts';
import type { ClusterEvent } from '../nodes/cluster-event.ts';
import type { CardData } from '../words/card-facts.ts';
import type {
  NodeNote,
  UnknownSignalNotice,
  NoteTopic,
  Notice,
  NoticePlace,
  RebooterNotice,
} from '../signals/node-note.ts';
import type { HookAnswer, HookStep } from '../state/hook-facts.ts';
import type { LedgerState, TakeResult, Turn, TurnLimits } from '../scheduling/ledger.ts';
import type { WantedLabels } from '../nodes/managed-labels.ts';
import type { NodeReport } from '../nodes/node-report.ts';
import type { NodeView } from '../nodes/node-view.ts';
import type { Pause, PauseScope } from '../scheduling/pauses.ts';
import type { AssessWish } from '../state/drain-facts.ts';
import type { DrainPolicy, PoolPolicy, WebhookHook } from '../policy/policy.ts';
import type { BudgetBlock, ChatRecord, DrainProgress, FailureCode, Impact, Reboot } from '../state/reboot.ts';
import type { Instant, Timestamp } from './time.ts';
import type { LedgerEvent, RefusedConfigNotice } from './refused-config.ts';
import type { Unreadable, UnreadableNotice } from '../words/unreadable.ts';
import type { WorkloadBefore, WorkloadReadiness } from '../rollout/workloads.ts';

export type { CardData } from '../words/card-facts.ts';
export type { LogFields, Logger } from './logger.ts';
export type { SilenceAnswer, Silences, SilenceWish } from './silences.ts';
export type { ConditionView, NodeView, TaintView } from '../nodes/node-view.ts';
export type { Person } from '../permissions/person.ts';

export interface Clock {
  readonly now: () => Instant;
}

/** The NodeAgent object of a node. */
export interface AgentView {
  readonly node: string;
  /** The order that stands, if any. */
  readonly endBoot?: string;
  /** Absent until the agent has written for the first time. */
  readonly report?: NodeReport;
  /** Why `status` cannot be understood, when it cannot. */
  readonly unreadable?: string;
  /** What cannot be known about the node, and what was told of it. */
  readonly doubt?: NodeNote;
  /** What else reboots the node, and what was told of it. */
  readonly rebooters?: NodeNote;
}

/** One fresh look at a node, from the API server and not from a cache. */
export interface Observation {
  /** Undefined when the node is gone. */
  readonly node?: NodeView;
  readonly agent?: AgentView;
  /** DaemonSet pods of the node that are not ready; asked for only before the cordon and while settling. */
  readonly daemonPodsNotReady: readonly DaemonPod[];
}

/** Both are `namespace/name`. */
export interface DaemonPod {
  readonly daemonSet: string;
  readonly pod: string;
}

/** The boot that a write is meant for: at another boot, or on another machine of the same name, it must not happen. */
export interface BootTarget {
  readonly node: string;
  readonly uid: string;
  readonly bootId: string;
}

/**
 * Whether a write is still owed. Asked between the read that a write is conditional on and the write itself: whoever wakes up late is told
 * there that others have gone on, and what changes after the answer makes the write fail.
 */
export type StillOwed = () => Promise<boolean>;

export type DrainEvent =
  | { readonly kind: 'progress'; readonly progress: DrainProgress }
  /** A last list proved that nothing is left to move. */
  | { readonly kind: 'drained'; readonly pods: number }
  | {
      readonly kind: 'failed';
      readonly code: Extract<FailureCode, `drain-${string}` | 'uncordoned-by-other'>;
      readonly sentence: string;
    }
  /** The node has booted or gone: nothing is left to drain for this Reboot. */
  | { readonly kind: 'superseded' };

export interface DrainRequest {
  readonly target: BootTarget;
  readonly policy: DrainPolicy;
  readonly startedAt: Instant;
  readonly deadline: Instant;
  /** Pods to leave until everything else is gone: our own. */
  readonly last: readonly string[];
  /** Delete instead of evicting: an approver said so, with a reason. */
  readonly force: boolean;
}

export interface Cluster {
  /** From the watch: cheap, and at most seconds old (`heardAt`). */
  nodes(): readonly NodeView[];
  agent(node: string): AgentView | undefined;
  /** When the node watch was last heard from. */
  heardAt(): Instant;
  /** Fresh reads. */
  observe(node: string, want?: { readonly daemonPods: boolean }): Promise<Observation>;
  freshNodes(pool: Pick<PoolPolicy, 'selector'>): Promise<readonly NodeView[]>;
  freshAgents(): Promise<readonly AgentView[]>;
  /** A dry-run of the drain; changes nothing. Unless it has to be fresh, what it says of the rest of the cluster may be some seconds old. */
  assess(node: string, policy: DrainPolicy, want?: AssessWish): Promise<Impact>;
  /** How ready the workloads are that have pods on the node: those of its DaemonSets and Jobs are none. At most `mostWorkloads`. */
  workloadsOn(node: string): Promise<readonly WorkloadReadiness[]>;

  /** Conditional on the boot at the API server. `other`: it was cordoned already, not by `owner`. */
  cordon(
    target: BootTarget,
    owner: string,
    still?: StillOwed,
  ): Promise<'us' | 'other' | 'wrong-boot' | 'gone' | 'not-owed'>;
  /** Only if `owner` cordoned it. `kept`: the cordon is not ours. */
  uncordon(
    target: BootTarget,
    owner: string,
    still?: StillOwed,
  ): Promise<'done' | 'kept' | 'wrong-boot' | 'gone' | 'not-owed'>;
  /** Takes the mark of `owner` off a node that somebody else has made schedulable; `kept` when it is cordoned. */
  unmark(target: BootTarget, owner: string): Promise<'done' | 'kept' | 'wrong-boot' | 'gone'>;
  /** Takes away the annotation that asks for a reboot, which has become a Reboot. `kept`: it gives another reason by now. */
  takeRequest(
    target: BootTarget,
    asked: Pick<NodeView, 'requested' | 'requestedBy'>,
  ): Promise<'done' | 'kept' | 'wrong-boot' | 'gone'>;
  /** Whether the API server refuses to write another's name beside a request, as a trial on this node shows now. */
  isRequesterProven(target: BootTarget): Promise<boolean>;
  /** Brings what the node wears for other tools to what `wanted` says of it, as it is read for the write. No write when it is that already. */
  mark(
    target: BootTarget,
    wanted: (node: NodeView) => WantedLabels,
    still?: StillOwed,
  ): Promise<'done' | 'wrong-boot' | 'gone' | 'not-owed'>;
  /** Orders the agent to end this boot, even while packages are being changed where `anyway` says so. Idempotent. */
  order(
    target: BootTarget,
    still?: StillOwed,
    anyway?: boolean,
  ): Promise<'ordered' | 'wrong-boot' | 'gone' | 'not-owed'>;
  /** Clears the order, or only the order to end `endBoot`; `done` also when there was none. */
  withdrawOrder(node: string, endBoot?: string): Promise<'done' | 'gone'>;
  /** Evicts until nothing is left to move. Aborting ends it at the next wait; another drain takes up where it stopped. */
  drain(request: DrainRequest, signal: AbortSignal): AsyncIterable<DrainEvent>;

  ensureAgent(node: Pick<NodeView, 'name' | 'uid'>): Promise<'created' | 'exists' | 'node-gone'>;
  markRebootRequired(
    target: BootTarget,
    status: 'True' | 'False' | 'Unknown',
    message: string,
  ): Promise<'done' | 'wrong-boot' | 'gone'>;
  record(event: ClusterEvent): Promise<void>;
  /** Replaces what is noted on the node's NodeAgent, if it still is `was`; undefined is nothing. */
  writeNote(
    node: string,
    was: NodeNote | undefined,
    next: NodeNote | undefined,
    topic?: NoteTopic,
  ): Promise<'done' | 'conflict' | 'gone'>;
}

export interface RebootStore {
  /** From the API server. */
  get(name: string): Promise<Reboot | undefined>;
  /** From the watch and our own writes, or else from the API server. Only for what a save or a fence proves: others may have written since. */
  latest(name: string): Promise<Reboot | undefined>;
  /** From the watch. */
  all(): readonly Reboot[];
  /** From the watch: those that are not in `all`, and that `get` throws for. */
  unreadable(): readonly Unreadable[];
  /** `exists` returns nothing: get it. Newly created Reboots are Pending. */
  create(reboot: Omit<Reboot, 'version' | 'createdAt'>): Promise<Reboot | 'exists'>;
  /** Compare-and-swap on `version`; returns the Reboot with its new version. */
  save(reboot: Reboot): Promise<Reboot | 'conflict' | 'gone'>;
  /** With a version: only if it is still that. */
  remove(name: string, version?: string): Promise<void>;
}

/** What people have put on hold, stored in the cluster. */
export interface Pauses {
  /** From the watch. Those that are over may still be among them. */
  all(): readonly Pause[];
  /** From the API server. */
  read(): Promise<readonly Pause[]>;
  put(pause: Pause): Promise<void>;
  lift(scope: PauseScope): Promise<'lifted' | 'not-paused'>;
}

/** A node that would start now, as far as the plan can tell. */
export interface StartQuestion {
  readonly pool: PoolPolicy;
  readonly node: Pick<NodeView, 'name' | 'uid' | 'labels'>;
  readonly reboot: Reboot;
  /** Where it is the first of a stage of its rollout: how ready the workloads of the nodes were that are done. */
  readonly before?: readonly WorkloadBefore[];
}

/** What only the outside knows: pods, alerts, a webhook. Asked just before a start, and again while it says no. */
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

export interface Ledger {
  read(): Promise<LedgerState>;
  /** Compare-and-swap: the limits are checked against what the very same write replaces. */
  take(turn: Turn, limits: TurnLimits): Promise<TakeResult>;
  release(reboot: string, still?: StillOwed): Promise<'released' | 'not-held' | 'not-owed'>;
  /** Of what concerns no node: an Event on the object that holds the ledger. */
  record(event: LedgerEvent): Promise<void>;
}

export interface Chat {
  /**
   * Brings the card and its thread to what `data` says, telling `save` of each reference as soon as it exists. Does nothing when
   * the hashes in the record say that it is shown already. A first post that may have happened is looked for first.
   *
   * Edits that are put off for the sake of rate limits follow by themselves, and `save` is then called after `show` has returned.
   */
  show(data: CardData, save: (record: ChatRecord) => Promise<void>): Promise<void>;
  /** Whether a notice that was begun earlier is in its channel. */
  hasNotice(place: NoticePlace, begun: Instant): Promise<boolean>;
  /** Posts a message of its own. */
  notify(notice: Notice): Promise<void>;
  /** Of a record that cannot be read; the channel is searched first. */
  report(notice: UnreadableNotice): Promise<void>;
  /** Of a configuration that was refused; the channel is searched first. */
  reportConfig(notice: RefusedConfigNotice): Promise<void>;
}

/** All of it can be rebuilt from the cluster. */
export interface Queue {
  /** Look at a node: does it need a Reboot, does its Reboot need a step? */
  reconcileNode(node: string): Promise<void>;
  /** Advance a Reboot by one step, now or at a time. */
  reconcile(reboot: string, at?: Instant): Promise<void>;
  /** Carry out or take up the drain of a Reboot. */
  drain(reboot: string): Promise<void>;
  /** Show a Reboot's card. */
  render(reboot: string): Promise<void>;
}

export type {
  BudgetBlock,
  ClusterEvent,
  NodeNote,
  UnknownSignalNotice,
  NoteTopic,
  Notice,
  NoticePlace,
  RebooterNotice,
};
