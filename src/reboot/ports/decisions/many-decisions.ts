/** Decisions for many Reboots at once, as chat passes them on and is answered. */
import type { CardData } from '../../card/card-facts.ts';
import type { Demands } from '../../approval/demands.ts';
import type { Rejection } from '../../approval/decision-request.ts';
import type { DigestMember, KernelGroup, PackageGroup } from '../../pool-digest/message/digest-facts.ts';
import type { ManyRequest } from '../../pool-digest/many-request.ts';
import type { NoticePlace } from '../../nodes/node-note.ts';
import type { Principal } from '../../state/decision.ts';
import type { Instant } from '../../time/time.ts';

/** A decision for many Reboots at once: what the person saw, and what they decide. */
export interface ManyDecision {
  /** Id of the pool digest. */
  readonly digest: string;
  readonly revision: number;
  /** Names of Reboots. Absent: all that the revision shows. */
  readonly only?: readonly string[];
  readonly request: ManyRequest;
}

export type ManyResult =
  | {
      readonly ok: true;
      /** What was decided. */
      readonly request: ManyRequest;
      /** Absent: the nodes are of several pools. */
      readonly pool?: string;
      /** To how many nodes it will be applied. */
      readonly nodes: number;
      /** How many it cannot be applied to as they are now, and the first of them. */
      readonly refused: number;
      readonly refusals: readonly { readonly node: string; readonly sentence: string }[];
      /** How many further approvals each of them needs then: 0 where none. */
      readonly approvalsMissing: number;
      /** The same person has taken the same decision a moment ago; it was stored once. */
      readonly repeated: boolean;
      /** The decision is stored, but its execution is delayed: why, as a sentence. */
      readonly delayed?: string;
    }
  | { readonly ok: false; readonly rejection: Rejection };

/**
 * A message about a decision on a shown list that could not be applied to more nodes than its answer said.
 */
export interface NotAppliedNotice extends NoticePlace {
  readonly request: ManyRequest;
  readonly by: Principal;
  readonly applied: number;
  readonly refused: number;
  /** The first of those that did not take it. */
  readonly refusals: readonly { readonly node: string; readonly sentence: string }[];
  /** When it was taken: how far back an earlier post is searched for. */
  readonly since: Instant;
}

/** What a person asks to decide by typing: on a node, a pool, `all`, or what a label selector matches. */
export interface AskedDecision {
  readonly target: string;
  readonly request: ManyRequest;
}

/** The Reboots that a decision would be about, stored: a button decides on exactly these. */
export interface ListView {
  readonly id: string;
  readonly cluster: string;
  readonly request: ManyRequest;
  readonly nodes: number;
  /** The pools of these nodes, the largest first. */
  readonly pools: readonly { readonly pool: string; readonly nodes: number }[];
  /** The first nodes, in the order in which they would start. */
  readonly first: readonly string[];
  readonly packages: readonly PackageGroup[];
  readonly morePackages: number;
  readonly kernels: readonly KernelGroup[];
  /** Nodes with an open Reboot on which this cannot be decided, grouped by the reason. */
  readonly not: readonly {
    readonly sentence: string;
    readonly nodes: number;
    readonly first: readonly string[];
  }[];
  /** How many further approvals each would need after this one: 0 where none. */
  readonly approvalsMissing: number;
  readonly validUntil: Instant;
}

export type ListAnswer =
  | { readonly ok: true; readonly of: 'list'; readonly list: ListView }
  /** A node was named: it is decided at once. */
  | {
      readonly ok: true;
      readonly of: 'node';
      readonly node: string;
      /** That of its pool. */
      readonly channel?: string;
    }
  | { readonly ok: false; readonly sentence: string };

export type MembersAnswer =
  | {
      readonly ok: true;
      readonly cluster: string;
      readonly pool: string;
      readonly id: string;
      readonly revision: number;
      /** What the latest message shows; it may be newer than the revision that was asked for. */
      readonly latest: number;
      readonly members: readonly DigestMember[];
      readonly window?: CardData['window'];
      readonly approveNowAllowed: boolean;
      readonly concurrency: number;
      /** What the pool demands with a decision. Absent: nothing. */
      readonly demands?: Demands;
    }
  | { readonly ok: false; readonly sentence: string };
