/** The card of a Reboot: one message, edited in place. */
import type { CardData } from '../../../reboot/card/card-facts.ts';
import type { Principal } from '../../../reboot/state/decision.ts';
import { isIn } from '../../../reboot/state/reboot.ts';
import { nameOf, remover } from '../../../reboot/words/words.ts';
import {
  actions,
  context,
  header,
  lines,
  message,
  sectionWith,
  type MessageView,
} from '../../blocks/blocks.ts';
import { channelMention, joined, link, say, when, type Mrkdwn, some } from '../../blocks/escape.ts';
import { clusterLabel, noLongerServed } from '../cluster-label.ts';
import { buttonsFor } from './buttons.ts';
import { byPhase, type ByPhase } from './by-phase.ts';
import { headline, statusLine } from './headline.ts';
import { worseLine } from './impact-lines.ts';
import { lapseLine, needLines, packagesLine, whereabouts } from './reasons.ts';
import {
  draining,
  failed,
  givenUp,
  forcedBy,
  rebootingLines,
  settlingLines,
  succeeded,
  undoing,
  type Lines,
} from './run-lines.ts';
import {
  approvedBy,
  asksAgain,
  atTimestamp,
  by,
  cordonLine,
  kernelChange,
  icons,
  mayApprove,
  ticketsOf,
} from '../phrases.ts';

/** `digestUrl` leads to the message of the pool digest, if it is decided there. */
export function card(data: CardData, digestUrl?: string): MessageView {
  const body = byPhase(bodies, data.reboot.state, data).filter((line) => line !== undefined);
  const title = headline(data.reboot);
  if (isIn(data.reboot, 'Succeeded')) return ended(data, title, body);
  return message(say`${title} · ${clusterLabel(data)}\n${statusLine(data)}\n${body[0] ?? say``}`, [
    header(title),
    context(whereabouts(data)),
    ...lines(body),
    ...actions(buttonsFor(data)),
    context(...footerOf(data, digestUrl)),
  ]);
}

function footerOf(data: CardData, digestUrl: string | undefined): Mrkdwn[] {
  if (data.unserved) return [noLongerServed(data)];
  return data.poolDigest === undefined ? footer(data) : [inDigest(data, digestUrl)];
}

/** Short: on a patch day hundreds of them stand in the channel. */
function ended(data: CardData, title: string, body: readonly Mrkdwn[]): MessageView {
  const { reboot } = data;
  const text = say`*${title}* · ${clusterLabel(data)} · pool ${reboot.pool}\n${joined([...body, statusLine(data)], '\n')}`;
  const [details, ...others] = buttonsFor(data);
  return message(text, [
    ...(details && others.length === 0 ? [sectionWith(text, details)] : lines([text])),
    ...(others.length === 0 ? [] : actions(buttonsFor(data))),
  ]);
}

/** There is one place to decide. */
function inDigest({ reboot }: CardData, url: string | undefined): Mrkdwn {
  const digest = `the digest of pool ${reboot.pool}`;
  return say`It is decided in ${url === undefined ? digest : link(url, digest)}, with others of its pool.`;
}

/** Replaces the card in the channel of the old pool. */
export function movedToPool({ reboot, channel, cluster }: CardData): MessageView {
  const text = say`${icons.paused} ${reboot.node.name} belongs to pool ${reboot.pool} of ${cluster} now. Its card is in ${channelMention(channel)}.`;
  return message(text, lines([text]));
}

/** Replaces a card that was posted again, so that decisions are made in one place. */
export function movedCard({ reboot, cluster }: CardData, url: string | undefined): MessageView {
  const where = url === undefined ? say`further down in this channel` : link(url, 'on a new card');
  const text = say`${reboot.node.name} asks again, ${where}.`;
  return message(say`${text} ${cluster}`, [...lines([text]), context(say`${cluster}`)]);
}

const bodies: ByPhase<[data: CardData], Lines> = {
  Pending: (state, data) => [state.lapse ? lapseLine(state.lapse) : undefined, ...needLines(data)],
  Snoozed: (_, data) => needLines(withoutAutomatic(data)),
  // A denied reboot does not start when the window opens.
  Denied: (_, data) => needLines(withoutWindow(withoutAutomatic(data))),
  Approved: ({ decision, force }, data) => [
    ...needLines(decision.mode === 'now' ? withoutWindow(withoutAutomatic(data)) : withoutAutomatic(data)),
    worseLine(data.reboot, decision),
    force && forcedBy(force),
    waits(data),
  ],
  Draining: draining,
  Undoing: undoing,
  Rebooting: rebootingLines,
  Settling: settlingLines,
  Succeeded: succeeded,
  Failed: failed,
  GivenUp: givenUp,
  Cancelled: ({ from, by: who }, { reboot }) => [
    kernelChange(reboot),
    packagesLine(reboot),
    cordonLine(reboot),
    say`It was ${from === 'Undoing' ? 'being put back' : from.toLowerCase()} then. The node still asks for a reboot.`,
    isDeleted(who) ? say`Nothing of it goes on, and no rule approves it by itself.` : undefined,
    asksAgain(reboot),
  ],
  Superseded: (_, { reboot }) => [
    kernelChange(reboot),
    packagesLine(reboot),
    cordonLine(reboot),
    asksAgain(reboot),
  ],
};

const isDeleted = (by: Principal): boolean => by.kind === 'kubernetes' && by.name === nameOf(remover);

/** A person has decided, so that the automatic approval does not apply. */
const withoutAutomatic = ({ automatic: _decided, beyondRule: __, ...data }: CardData): CardData => data;

const withoutWindow = ({ window: _shut, ...data }: CardData): CardData => data;

/** Every blocker, with what clears it. */
function waits({ blockers }: CardData): Mrkdwn {
  if (blockers.length === 0) return say`Starts at once.`;
  const shown = blockers.slice(0, 6).map((blocker, index) => {
    const clears =
      blocker.until === undefined
        ? say`${blocker.clears}`
        : say`${blocker.clears.replace(/\.$/, '')} (${when(blocker.until)}).`;
    return say`${index + 1}. ${blocker.sentence} ${clears}`;
  });
  const rest = blockers.length - shown.length;
  return joined([say`*Waits for*`, ...shown, ...(rest > 0 ? [say`and ${rest} more`] : [])], '\n');
}

/** While undecided: the approvers and the approvals so far. Afterwards: the decision. */
function footer(data: CardData): Mrkdwn[] {
  const { state } = data.reboot;
  if (state.phase === 'Snoozed') return [statusLine(data), say`${mayApprove(data.approvers)}`];
  if (state.phase !== 'Pending') return [statusLine(data)];
  const names = state.approvals.map((approval) => say`${by(approval.by)}${ticketsOf([approval])}`);
  const who = names.length === 0 ? say`` : say`: ${some(names, 4)}`;
  const count = say` (${names.length} of ${data.approvalsNeeded} so far${who})`;
  const before = state.lapse?.before;
  return [
    say`${mayApprove(data.approvers)}${data.approvers.kind === 'nobody' ? say`` : count}`,
    ...(before ? [say`Approved before, ${atTimestamp(before.at)}, by ${approvedBy(before)}`] : []),
  ];
}
