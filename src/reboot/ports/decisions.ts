/**
 * The door through which chat decides and asks. Implemented by src/reboot/loop/service.ts, called by
 * src/bot/listeners.
 */
import type { agentlessAmong } from '../nodes/agentless.ts';
import type { Blocker } from '../scheduling/blockers.ts';
import type { Pause, PauseScope } from '../scheduling/pauses.ts';
import type { Approvers } from '../policy/policy.ts';
import type { NodeView } from '../nodes/node-view.ts';
import type { Person } from '../permissions/person.ts';
import type { ApprovalMode } from '../state/decision.ts';
import type { Impact } from '../state/drain-facts.ts';
import type { MessageRef } from '../state/chat-record.ts';
import type { Phase, Reboot } from '../state/reboot.ts';
import type { RolloutView } from '../rollout/rollout-facts.ts';
import type { Instant } from './time.ts';
import type { Upcoming } from '../windows/upcoming.ts';

export type DecisionRequest =
  | { readonly kind: 'approve'; readonly mode: ApprovalMode; readonly digest: string }
  | { readonly kind: 'snooze'; readonly until: Instant; readonly reason?: string }
  | { readonly kind: 'deny'; readonly reason: string }
  | { readonly kind: 'ask-again' }
  | { readonly kind: 'cancel'; readonly reason?: string }
  | { readonly kind: 'retry' }
  | { readonly kind: 'skip' }
  | { readonly kind: 'force'; readonly reason: string }
  /** About the rollout that the Reboot leads; `seen` names what was shown to halt it. */
  | { readonly kind: 'go-on'; readonly seen: string };

export type DecisionKind = DecisionRequest['kind'];

export type DecisionResult =
  | {
      readonly ok: true;
      readonly reboot: Reboot;
      readonly approvalsMissing: number;
      /** It is stored, and what follows has to wait: why, in words. */
      readonly delayed?: string;
    }
  | { readonly ok: false; readonly rejection: Rejection };

/** Why a decision was not taken, in words for the person who tried. */
export interface Rejection {
  readonly code: RejectionCode;
  readonly sentence: string;
}

export type RejectionCode =
  | 'unknown-reboot'
  | 'not-allowed'
  | 'already-decided'
  | 'too-late'
  | 'not-possible-now'
  | 'packages-changed'
  | 'pool-changed'
  | 'halt-changed'
  | 'already-approved-by-you'
  | 'outside-window'
  | 'no-window'
  | 'reason-missing'
  | 'cluster-unreachable';

/** What `/reboot status` shows. */
export interface StatusView {
  readonly cluster: string;
  readonly nodes: number;
  readonly quiet: number;
  readonly rows: readonly StatusRow[];
  /** Nodes on which no agent can run; `nodes` does not count them. */
  readonly agentless?: ReturnType<typeof agentlessAmong>;
  /** Of the pool that was asked for. */
  readonly rollouts?: readonly RolloutView[];
  /**
   * Those in force, the widest first; `idle`: it names a pool or a node that there is not, and holds nobody.
   */
  readonly pauses: readonly { readonly pause: Pause; readonly idle: boolean }[];
  /** What keeps Tugboot from its work or from telling all: one sentence each, with what to do. */
  readonly troubles?: readonly string[];
  /** Why the configuration as it is now was refused, where the one before stays in force. */
  readonly refused?: string;
  /** When the cluster was last heard from; older than a minute is worth a sentence. */
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
  | { readonly ok: false; readonly sentence: string };

/** Whoever types a command, and where: where a whole channel may decide, the channel says who that is. */
export interface Caller {
  readonly person: Person;
  readonly channel: string;
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
      /** Nodes that are out of service at this moment, and are finished. */
      readonly underWay: readonly string[];
    }
  | Refused;

export type ResumeAnswer =
  | {
      readonly ok: true;
      readonly scope: PauseScope;
      readonly still: readonly Pause[];
      /** What halted the rollouts of the pool, and is accepted now. */
      readonly accepted: readonly string[];
      /** What halts rollouts of the pool still: nobody who lifts a pause accepts that. */
      readonly halts: readonly string[];
    }
  | Refused;

export type RequestAnswer =
  | {
      readonly ok: true;
      readonly reboot: string;
      /** Where it is decided, if that is shown already. */
      readonly card?: MessageRef;
      /** It is stored, and what follows has to wait: why, in words. */
      readonly delayed?: string;
    }
  | Refused;

export interface Refused {
  readonly ok: false;
  readonly sentence: string;
}

/** Why a node does not start, or what it does. */
export interface WhyView {
  readonly cluster: string;
  readonly node: NodeView;
  /** Undefined where no pool owns the node. */
  readonly pool?: string;
  /** Why no agent can run there, in words that follow its name. */
  readonly agentless?: string;
  /** What its agent says; `silent` where it has said nothing of this boot. */
  readonly asks: 'yes' | 'no' | 'unknown' | 'silent';
  /** The Reboot of its present boot. */
  readonly reboot?: Reboot;
  /** What keeps it from starting now, or, before it is approved, would keep it besides the decision. */
  readonly blockers: readonly Blocker[];
  /** What the gates say at this moment; they are asked again just before the start. */
  readonly asked: readonly Blocker[];
  /** Of the pool: who may give the approvals that are missing. */
  readonly approvers?: Approvers;
  readonly now: Instant;
}

export type WhyAnswer = { readonly ok: true; readonly why: WhyView } | Refused;

/** What a drain of the node would meet now. */
export type PreviewAnswer =
  | { readonly ok: true; readonly node: string; readonly pool: string; readonly impact: Impact }
  | Refused;

export interface WindowsView {
  readonly pool: string;
  readonly approval: 'manual' | 'window' | 'auto';
  /** What opens, in words; empty where reboots may start at any time. */
  readonly windows: readonly string[];
  readonly next: readonly Upcoming[];
  /** Why nothing opens, and how old what is known of its calendars is. */
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

export interface Decisions {
  /** Puts the cluster, a pool or a node on hold. What is under way is finished. */
  pause(request: PauseRequest, caller: Caller): Promise<PauseAnswer>;
  resume(what: string, caller: Caller): Promise<ResumeAnswer>;
  /**
   * Asks for a reboot of a node that does not ask for one itself; it is decided on its card like any other.
   */
  request(node: string, reason: string | undefined, caller: Caller): Promise<RequestAnswer>;
  /** Why a node does not start. */
  why(node: string): Promise<WhyAnswer>;
  /** A dry-run of the drain of a node, made now. */
  preview(node: string): Promise<PreviewAnswer>;
  /** When reboots may start, everywhere or for one pool. */
  windows(pool?: string): Promise<WindowsAnswer>;
  /**
   * Takes a person's decision on a Reboot: checks who they are against the pool's policy, what they saw
   * against what is stored, and writes it by compare-and-swap. Never throws for what a person can do; a
   * cluster that cannot be reached is a rejection too.
   */
  decide(reboot: string, request: DecisionRequest, person: Person): Promise<DecisionResult>;
  /** What is going on, everywhere or for one node or pool. */
  status(of?: string): Promise<StatusAnswer>;
  /** The Reboot as stored, for Details. */
  find(reboot: string): Promise<Reboot | undefined>;
}
