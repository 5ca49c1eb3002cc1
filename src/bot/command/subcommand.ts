/** A subcommand of `/reboot`: one row of the table in subcommands.ts. */
import type { DecisionKind } from '../../reboot/approval/decision-request.ts';
import type { Instant } from '../../reboot/time/time.ts';
import type { MessageView } from '../blocks/blocks.ts';
import { answer } from '../listeners/interaction-handler.ts';
import type { Invocation } from './invocation.ts';

/** What help and the documentation say of it. */
export interface SubcommandFacts {
  /** Other words that mean the same. */
  readonly aliases: readonly string[];
  /** What it decides; absent where it decides nothing. */
  readonly decides?: DecisionKind;
  /** Its arguments, as help shows them. */
  readonly usage: string;
  readonly says: string;
  /**
   * Documentation: the core checks it at every call. `approvers`: those who may approve reboots of the node
   * or pool.
   */
  readonly permission: 'everybody' | 'approvers';
  /** Markdown: how to do the same without Slack. */
  readonly kubectl: string;
}

export interface SubcommandRow<Arguments> extends SubcommandFacts {
  /** The argument that replaces the name of a whole cluster. Absent: a name in the cluster is required. */
  readonly ofCluster?: readonly string[];
  readonly parse: (words: readonly string[], now: Instant) => Parsed<Arguments>;
  readonly answer: (parsed: Arguments, invocation: Invocation) => Promise<MessageView>;
}

/** Without a sentence an argument is missing, and help is the answer. */
export type Parsed<Arguments> =
  | { readonly ok: true; readonly parsed: Arguments }
  | { readonly ok: false; readonly sentence?: string };

export interface Subcommand extends SubcommandFacts {
  readonly ofCluster?: readonly string[];
  /** Undefined if an argument is missing. */
  readonly run: (invocation: Invocation) => Promise<MessageView | undefined>;
}

/** Hides the type of the arguments, so that all subcommands fit into one table. */
export const subcommand = <Arguments>({
  parse,
  answer: answerTo,
  ofCluster,
  ...facts
}: SubcommandRow<Arguments>): Subcommand => ({
  ...facts,
  ...(ofCluster === undefined ? {} : { ofCluster }),
  run: async (invocation) => {
    const result = parse(invocation.words, invocation.handler.clock.now());
    if (result.ok) return answerTo(result.parsed, invocation);
    return result.sentence === undefined ? undefined : answer(result.sentence);
  },
});

/** The one argument of most: the name of a node. */
export const nodeName = ([node]: readonly string[]): Parsed<string> =>
  node === undefined ? { ok: false } : { ok: true, parsed: node };

/** An argument that may be left out. */
export const optionalName = ([name]: readonly string[]): Parsed<string | undefined> => ({
  ok: true,
  parsed: name,
});
