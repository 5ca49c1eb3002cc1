/** The replies of a thread that are posted once. The key of a reply makes its post idempotent. */
import { limitOf, remediesFor } from '../../../reboot/words/budget-words.ts';
import { isNever, type BudgetBlock } from '../../../reboot/state/drain-facts.ts';
import type { CardData } from '../../../reboot/card/card-facts.ts';
import {
  type Approved,
  type Failed,
  type In,
  type Reboot,
  type RebootState,
  type Settling,
  isIn,
} from '../../../reboot/state/reboot.ts';
import { type Decision, decisionsIn, type HistoryEntry } from '../../../reboot/state/decision.ts';
import type { DrainRetry } from '../../../reboot/state/undo-facts.ts';
import { asksAgainSince } from '../../../reboot/approval/asks-again.ts';
import { inWords, type Millis, type Timestamp } from '../../../reboot/time/time.ts';
import { cordonLeft, needsUncordon, overdueSentence } from '../../../reboot/words/words.ts';
import { actions, lines, message, type MessageView } from '../../blocks/blocks.ts';
import { groupMention, joined, say, mention, type Mrkdwn, some } from '../../blocks/escape.ts';
import { doneReplies, reminderReplies } from './reminder-replies.ts';
import { buttonsFor } from '../card/buttons.ts';
import { headline } from '../card/headline.ts';
import { worseLine } from '../card/impact-lines.ts';
import { lapseLine } from '../card/reasons.ts';
import { approvedBy, between, by, icons, reasonsOf, shortDigest } from '../phrases.ts';

export interface Reply {
  readonly key: string;
  readonly view: MessageView;
  /** Also posted to the channel: only what must not be missed. */
  readonly broadcast?: true;
  /** Skipped if the card was posted later than this: the card shows it. */
  readonly unlessCardSince?: Timestamp;
}

/** A budget that has blocked a pod for `longWait` or more. */
export interface LongWait {
  readonly block: BudgetBlock;
  readonly waited: Millis;
}

/** Oldest first. A reply from the state replaces the one from the history with the same key. */
export function replies(data: CardData, longWaits: readonly LongWait[] = []): Reply[] {
  const ofState = fromState(data, longWaits);
  const keys = new Set(ofState.map(({ key }) => key));
  return [...data.reboot.history.flatMap(fromHistory).filter(({ key }) => !keys.has(key)), ...ofState];
}

const reply = (text: Mrkdwn): MessageView => message(text, lines([text]));

function fromHistory(entry: HistoryEntry): Reply[] {
  const words = historyWords[entry.what];
  if (words === undefined) return [];
  if (entry.what === 'undone') return [undone(entry.at, say`${icons.paused} ${entry.reason ?? ''}`)];
  if (entry.what === 'hook-failed' || entry.what === 'silence-failed')
    return [{ key: `${entry.what}@${entry.at}`, view: reply(say`${entry.reason ?? ''}`) }];
  // The node requests a reboot again by itself: `asksAgain` posts the reply.
  if (entry.what === 'asked-again' && entry.by === undefined) return [];
  const who = entry.by ? say` by ${by(entry.by)}` : say``;
  const why = entry.reason ? say`: "${entry.reason}"` : say``;
  return [{ key: `${entry.what}@${entry.at}`, view: reply(say`${words}${who}${why}.`) }];
}

/** Undefined where the reply is derived from the state, which has more details, or where there is none. */
const historyWords: Readonly<Record<HistoryEntry['what'], string | undefined>> = {
  approved: undefined,
  lapsed: undefined,
  // Posted once for all nodes, by the digest.
  accepted: undefined,
  entered: undefined,
  // With the people whom it names.
  reminded: undefined,
  escalated: undefined,
  snoozed: undefined,
  moved: 'Follows its node, and the approvers of the new pool decide',
  'asked-again': 'Asked again',
  denied: 'Denied',
  cancelled: 'Cancelled',
  'put-back': 'Put back: the node is uncordoned, and waits for its start again',
  // The entry's reason is the whole text.
  undone: '',
  'hook-failed': '',
  'silence-failed': '',
  'tried-again': 'Tried again',
  retried: 'Retried',
  skipped: 'Given up',
  forced: 'Forced',
  deleted: 'Its Reboot was deleted',
};

function fromState(data: CardData, longWaits: readonly LongWait[]): Reply[] {
  const { state } = data.reboot;
  const decision = decisionOf(state);
  return [
    ...(decision ? [approved(decision), ...worse(data.reboot, decision)] : []),
    ...asksAgain(data),
    ...(state.phase === 'Draining' ? longWaits.map((wait) => waits(wait, data)) : []),
    ...(state.phase === 'Settling' ? [back(state, data)] : []),
    ...(state.phase === 'Failed' ? [failed(state, data)] : []),
    ...(state.phase === 'Approved' && state.retry?.needsPerson
      ? asksForPerson(state, state.retry, data)
      : []),
    ...(needsUncordon(data.reboot) ? [cordoned(data)] : []),
    ...overdue(data),
    ...reminderReplies(data),
    ...doneReplies(data),
  ];
}

function decisionOf(state: RebootState): Decision | undefined {
  if (state.phase === 'Failed' || state.phase === 'GivenUp') return state.from.decision;
  return 'decision' in state ? state.decision : undefined;
}

/** An edit of the card notifies nobody, so that a repeated question is a reply of its own. */
function asksAgain({ reboot, cluster }: CardData): Reply[] {
  const since = asksAgainSince(reboot);
  if (since === undefined || !isIn(reboot, 'Pending')) return [];
  const { lapse } = reboot.state;
  const text = say`*${icons.waiting} ${reboot.node.name} asks again* · ${cluster}\n${whyAgain(reboot)}\nIt is decided on the card.`;
  const key = lapse ? `lapse@${lapse.at}` : `asked-again@${since}`;
  return [{ key, view: reply(text), broadcast: true, unlessCardSince: since }];
}

function whyAgain({ state, history }: In<'Pending'>): Mrkdwn {
  if (state.lapse) return lapseLine(state.lapse);
  const last = decisionsIn(history).findLast(({ what }) => what !== 'approved');
  if (last?.what === 'asked-again' && last.by) {
    const reason = last.reason ? say`: "${last.reason}"` : say``;
    return say`Asked again by ${by(last.by)}${reason}.`;
  }
  if (last?.what === 'asked-again' && last.reason) return say`${last.reason}`;
  return history.some(({ what }) => what === 'snoozed')
    ? say`The snooze is over.`
    : say`It still needs a reboot.`;
}

const approved = (decision: Decision): Reply => ({
  key: `approved@${decision.at}`,
  view: reply(
    say`Approved by ${approvedBy(decision)}${reasonsOf(decision.approvals)}. Packages as shown (digest ${shortDigest(decision.digest)}).`,
  ),
});

/** What a later impact check found after the approval. More findings are a new reply. */
function worse(reboot: Reboot, decision: Decision): Reply[] {
  const line = worseLine(reboot, decision);
  const { lost = [], goesDown = [], refusals = [] } = reboot.impact?.afterDecision ?? {};
  const found = lost.length + goesDown.length + refusals.length;
  // A drain that is refused stops by itself.
  const goesOn =
    refusals.length > 0 ? say`` : say` That does not stop it; _Cancel_ does, before the reboot is ordered.`;
  return line ? [{ key: `worse@${decision.at}@${found}`, view: reply(say`${line}${goesOn}`) }] : [];
}

function waits({ block, waited }: LongWait, data: CardData): Reply {
  const why = isNever(block)
    ? say`it never allows a disruption, as it is written (${limitOf(block)}), so ${block.pod} cannot leave.`
    : say`it needs ${block.needed} healthy pods and has ${block.healthy}, so ${block.pod} cannot leave. It goes on by itself when the budget allows.`;
  const remedies = remediesFor(block).map((remedy) => say` ${remedy}`);
  const text = joined(
    [say`Drain waits ${inWords(waited)} now for budget ${block.budget}: `, why, ...remedies],
    '',
  );
  const offered = buttonsFor(data).filter(
    (button) => button.action_id === 'tugboot.force' || button.action_id === 'tugboot.cancel',
  );
  return {
    key: `waits@${data.reboot.state.since}@${block.budget}${isNever(block) ? '@never' : ''}`,
    view: message(text, [...lines([text]), ...actions(offered)]),
  };
}

function back(state: Settling, data: CardData): Reply {
  const same = state.kernel === data.reboot.need.kernel.running ? 'the same kernel' : 'kernel';
  const text = say`Back with ${same} ${state.kernel} after ${between(state.orderedAt, state.since)}. Watching it for ${inWords(data.settleTime)} before pods may return.`;
  return { key: `back@${state.newBootId}`, view: reply(text) };
}

const undone = (at: string, text: Mrkdwn): Reply => ({ key: `undone@${at}`, view: reply(text) });

/** Of more nodes of a digest that wait for a person for one cause, the digest notifies the channel. */
const mostAlone = 4;

const isToldByDigest = ({ sameCauseBefore = 0 }: CardData): boolean => sameCauseBefore >= mostAlone;

/** Has the key of the history's reply for this undone drain, and so replaces it. */
function asksForPerson({ decision }: Approved, { at }: DrainRetry, data: CardData): Reply[] {
  const isTold = isToldByDigest(data);
  const undoneEntry = data.reboot.history.findLast((entry) => entry.what === 'undone' && entry.at === at);
  const text = say`*${headline(data.reboot)}* · ${data.cluster}\n${undoneEntry?.reason ?? ''} The card offers what can be done.${isTold ? say`` : mentionsFor(decision, data)}`;
  return [{ ...undone(at, text), ...(isTold ? {} : { broadcast: true }) }];
}

/** Mentions of the approvers and of the people who approved. */
function mentionsFor({ approvals }: Decision, data: CardData): Mrkdwn {
  const people = [
    ...approversOf(data),
    ...approvals.flatMap(({ by: who }) => (who.kind === 'user' ? [mention(who.id, who.name)] : [])),
  ];
  return people.length === 0 ? say`` : say` ${some(people, 6)}`;
}

function failed(state: Failed, data: CardData): Reply {
  const isTold = isToldByDigest(data);
  const call = isTold ? say`` : mentionsFor(state.from.decision, data);
  // Broadcast without its thread, so that it begins with the node and the cluster.
  const text = say`*${headline(data.reboot)}* · ${data.cluster}\n${state.sentence} The card offers what can be done.${call}`;
  return { key: `failed@${state.since}`, view: reply(text), ...(isTold ? {} : { broadcast: true }) };
}

/** Broadcast: the reboot has ended, so that no later message would mention the cordon. */
function cordoned({ reboot, cluster }: CardData): Reply {
  const { state } = reboot;
  const text = say`*${headline(reboot)}* · ${cluster}\n${cordonLeft(reboot) ?? ''}`;
  // Of an earlier version, where giving up did not begin a phase: the same reply has the same key.
  const ended = state.phase === 'GivenUp' ? state.failedAt : state.since;
  return { key: `cordoned@${ended}`, view: reply(text), broadcast: true };
}

function overdue({ reboot, cluster }: CardData): Reply[] {
  const sentence = overdueSentence(reboot);
  if (sentence === undefined) return [];
  const text = say`*${headline(reboot)}* · ${cluster}\n${sentence}`;
  return [{ key: `overdue@${reboot.state.since}`, view: reply(text), broadcast: true }];
}

/** The groups that may approve, to be notified. */
const approversOf = ({ approvers }: CardData): Mrkdwn[] =>
  approvers.kind === 'named' ? approvers.groups.map(groupMention) : [];
