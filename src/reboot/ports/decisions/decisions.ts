/**
 * The commands and queries that chat calls. Implemented by src/reboot/service/service.ts, called by
 * src/bot/listeners.
 */
import type { agentlessAmong } from '../../policy/agentless.ts';
import type { Blocker } from '../../scheduling/blockers/blockers.ts';
import type { Pause, PauseScope } from '../../scheduling/snapshot/pauses.ts';
import type { CardData } from '../../card/card-facts.ts';
import type { PoolDigestData } from '../../pool-digest/message/digest-facts.ts';
import type { Approvers } from '../../policy/policy.ts';
import type { NodeView } from '../../nodes/node-view.ts';
import type { Demands } from '../../approval/demands.ts';
import type { Caller, Person } from '../../approval/person.ts';
import type { DecisionRequest, Rejection } from '../../approval/decision-request.ts';
import type { AskedDecision, ListAnswer, ManyDecision, ManyResult, MembersAnswer } from './many-decisions.ts';
import type { Impact } from '../../state/impact.ts';
import type { MessageRef } from '../../state/chat-record.ts';
import type { Phase, Reboot } from '../../state/reboot.ts';
import type { RolloutView } from '../../rollout/rollout-facts.ts';
import type { Instant, Millis } from '../../time/time.ts';
import type { Upcoming } from '../../windows/upcoming.ts';

export type DecisionResult =
  | {
      readonly ok: true;
      readonly reboot: Reboot;
      readonly approvalsMissing: number;
      /** The decision is stored, but its execution is delayed: why, as a sentence. */
      readonly delayed?: string;
    }
  | { readonly ok: false; readonly rejection: Rejection };

/** What `/reboot status` shows. */
export interface StatusView {
  readonly cluster: string;
  /** The node or pool that was asked about, by its whole name. Absent: the whole cluster. */
  readonly of?: string;
  readonly nodes: number;
  readonly quiet: number;
  readonly rows: readonly StatusRow[];
  /** Nodes on which no agent can run; not included in `nodes`. */
  readonly agentless?: ReturnType<typeof agentlessAmong>;
  /** The rollouts of the queried pool. */
  readonly rollouts?: readonly RolloutView[];
  /**
   * The pauses in force, the widest first. `idle`: it names a pool or node that does not exist, so it blocks
   * nothing.
   */
  readonly pauses: readonly { readonly pause: Pause; readonly idle: boolean }[];
  /** What prevents Tugboot from working or from notifying: one sentence each, with what to do. */
  readonly troubles?: readonly string[];
  /** Why the current configuration was rejected, while the previous one stays in force. */
  readonly refused?: string;
  /** When the node watch last received anything; worth showing when older than a minute. */
  readonly heardAt: Instant;
  readonly now: Instant;
}

export interface StatusRow {
  readonly reboot: Reboot;
  readonly phase: Phase;
  readonly blockers: readonly Blocker[];
  readonly approvalsNeeded: number;
}

export type StatusAnswer =
  | { readonly ok: true; readonly status: StatusView }
  | {
      readonly ok: false;
      readonly sentence: string;
      /** The cluster does not answer. */
      readonly away?: ClusterAway;
    };

/** A cluster that cannot be reached. */
export interface ClusterAway {
  readonly cluster: string;
  readonly since: Instant;
  /** A sentence. Absent: it has just gone silent. */
  readonly why?: string;
}

export interface PauseRequest {
  /** `cluster`, or the name of a pool or a node. */
  readonly what: string;
  readonly until?: Instant;
  readonly reason?: string;
}

export type PauseAnswer =
  | {
      readonly ok: true;
      readonly pause: Pause;
      /** Nodes with a reboot under way; these are finished. */
      readonly underWay: readonly string[];
    }
  | Refused;

export type ResumeAnswer =
  | {
      readonly ok: true;
      readonly scope: PauseScope;
      readonly still: readonly Pause[];
      /** The halts of the pool's rollouts that this call accepted, as sentences. */
      readonly accepted: readonly string[];
      /** The halts that remain: lifting a pause does not accept them. */
      readonly halts: readonly string[];
    }
  | Refused;

export type RequestAnswer =
  | {
      readonly ok: true;
      readonly reboot: string;
      /** The node, by its whole name. */
      readonly node: string;
      /** The card on which it is decided, if posted already. */
      readonly card?: MessageRef;
      /** The request is stored, but its execution is delayed: why, as a sentence. */
      readonly delayed?: string;
    }
  | Refused;

export interface Refused {
  readonly ok: false;
  readonly sentence: string;
}

/** The answer to `/reboot why`: why a node does not start, or what its Reboot is doing. */
export interface WhyView {
  readonly cluster: string;
  readonly node: NodeView;
  /** Undefined where the node is in no pool. */
  readonly pool?: string;
  /** Why no agent can run there: a phrase that follows the node's name. */
  readonly agentless?: string;
  /** The verdict of its signals; `silent` where the agent has not reported on this boot. */
  readonly asks: 'yes' | 'no' | 'unknown' | 'silent';
  /** The Reboot of its current boot. */
  readonly reboot?: Reboot;
  /** Its blockers now, or, before it is approved, those besides the missing decision. */
  readonly blockers: readonly Blocker[];
  /** The result of the gate checks now; they are repeated just before the start. */
  readonly asked: readonly Blocker[];
  /** Who may give the missing approvals in its pool. */
  readonly approvers?: Approvers;
  readonly now: Instant;
}

export type WhyAnswer = { readonly ok: true; readonly why: WhyView } | Refused;

/** A dry-run of the drain of a node. */
export interface NodePreview {
  readonly of: 'node';
  readonly node: string;
  readonly pool: string;
  readonly impact: Impact;
}

/** The next reboots of a pool, as if all that ask were approved now. */
export interface PoolPreview {
  readonly of: 'pool';
  readonly cluster: string;
  readonly pool: string;
  /** In the order in which they would start, those under way not included. */
  readonly starts: readonly ForecastStart[];
  /** Nodes with a reboot under way. */
  readonly underWay: readonly string[];
  /** How many may be out of service at once. 0: nodes that others took out use up the limit. */
  readonly atOnce: number;
  /** From the pool's last reboots that succeeded. Absent: none has been measured yet. */
  readonly measured?: MeasuredDurations;
  /** Medians of `measured` are used for the times. `closes` is absent where the pool has no windows. */
  readonly openings: readonly ForecastOpening[];
  /** What holds starts back now, besides turns and windows, and how many of them. */
  readonly blocked: readonly { readonly sentence: string; readonly nodes: number }[];
  /** What the times leave out, such as stages of a rollout: phrases. */
  readonly leftOut: readonly string[];
  readonly now: Instant;
}

export interface ForecastStart {
  readonly node: string;
  readonly isApproved: boolean;
  /** Absent where no duration is measured, no window is known, or nothing may start. */
  readonly at?: Instant;
}

export interface ForecastOpening {
  readonly opens: Instant;
  readonly closes?: Instant;
  /** "Tue 24 Nov 02:00–05:00, Europe/Berlin"; absent where the pool has no windows. */
  readonly label?: string;
  readonly nodes: number;
  /** When the last of them would be done. */
  readonly done: Instant;
}

/** Medians, in milliseconds. */
export interface MeasuredDurations {
  readonly reboots: number;
  readonly drain: Millis;
  readonly boot: Millis;
  readonly settle: Millis;
  readonly total: Millis;
}

export type PreviewAnswer = ({ readonly ok: true } & (NodePreview | PoolPreview)) | Refused;

export interface WindowsView {
  readonly pool: string;
  readonly approval: 'manual' | 'window' | 'auto';
  /** Windows and opening calendars as text; empty where reboots may start at any time. */
  readonly windows: readonly string[];
  readonly next: readonly Upcoming[];
  /** Why nothing opens, and the age of the calendar data. */
  readonly notes: readonly string[];
  readonly pauses: readonly Pause[];
}

export type WindowsAnswer =
  | {
      readonly ok: true;
      readonly cluster: string;
      readonly pools: readonly WindowsView[];
      readonly now: Instant;
    }
  | Refused;

/** The App Home of a person. */
export interface HomeView {
  readonly status: StatusView;
  /** How many Reboots wait for a decision of this person. */
  readonly waiting: number;
  /** Pool digests in which some of them are decided. */
  readonly digests: readonly PoolDigestData[];
  /** The first of those that are decided one by one. */
  readonly asks: readonly CardData[];
  /** The first of those that failed and that this person may decide on. */
  readonly failed: readonly CardData[];
  /** Everything else that is open. */
  readonly others: readonly StatusRow[];
  /** The last that ended, the latest first. */
  readonly ended: readonly Reboot[];
  readonly windows: readonly WindowsView[];
}

/** What Details shows. */
export interface DetailsView {
  readonly cluster: string;
  readonly reboot: Reboot;
  /** Why it does not start, or, before it is decided, what would hold it back then. */
  readonly blockers: readonly Blocker[];
  /** Earlier Reboots of the same node that ended, the latest first. */
  readonly earlier: readonly Reboot[];
}

export interface Decisions {
  /** Pauses the cluster, a pool or a node. Reboots under way are finished. */
  pause(request: PauseRequest, caller: Caller): Promise<PauseAnswer>;
  resume(what: string, caller: Caller): Promise<ResumeAnswer>;
  /**
   * Requests a reboot of a node whose signals do not require one. It is decided on its card like any other.
   */
  request(node: string, reason: string | undefined, caller: Caller): Promise<RequestAnswer>;
  why(node: string): Promise<WhyAnswer>;
  /** A dry-run of the drain of a node, on fresh reads; or when the next reboots of a pool would start. */
  preview(of: string): Promise<PreviewAnswer>;
  /** When reboots may start, in all pools or in one. */
  windows(pool?: string): Promise<WindowsAnswer>;
  /**
   * Records a person's decision on a Reboot: checks the person against the pool's policy and the digest they
   * saw against the stored one, and writes by compare-and-swap. Never throws for an invalid decision; an
   * unreachable cluster is a rejection too.
   */
  decide(reboot: string, request: DecisionRequest, person: Person): Promise<DecisionResult>;
  /**
   * Records a decision for all Reboots that a revision of a pool digest shows, or for the chosen ones. It is
   * checked and stored once, and answered then; a job applies it to each Reboot, bound to the packages that
   * the revision shows. Never throws for an invalid decision, as `decide`.
   */
  decideAll(decision: ManyDecision, person: Person): Promise<ManyResult>;
  /** The Reboots that a decision would be about. Where there are any, the list is stored. */
  propose(asked: AskedDecision, caller: Caller): Promise<ListAnswer>;
  /** Takes the decision of a stored list, on exactly its Reboots. Never throws, as `decide`. */
  decideList(id: string, person: Person): Promise<ManyResult>;
  /** The nodes that a revision of a pool digest shows, in the order in which they would start. */
  digestMembers(digest: string, revision: number): Promise<MembersAnswer>;
  /** What the App Home shows this person. From memory: it asks the cluster nothing. */
  home(person: Person): Promise<HomeView>;
  /** The current state of everything, or of one node or pool. */
  status(of?: string): Promise<StatusAnswer>;
  /** Everything that is known of a Reboot; undefined where it is not kept any more. */
  details(reboot: string): Promise<DetailsView | undefined>;
  /** What a pool demands with a decision. From memory, so that a modal can refuse an input at once. */
  demands(pool: string): Demands;
}
