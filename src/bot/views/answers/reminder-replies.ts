/** Replies that remind of a decision which nobody takes, and that tell who asked that it is done. */
import type { CardData } from '../../../reboot/card/card-facts.ts';
import { isReminder, waitsForPersonSince } from '../../../reboot/deadlines/reminders.ts';
import type { HistoryEntry } from '../../../reboot/state/decision.ts';
import { inWords, toInstant } from '../../../reboot/time/time.ts';
import { groupMention, mention, say, some, type Mrkdwn } from '../../blocks/escape.ts';
import { lines, message, type MessageView } from '../../blocks/blocks.ts';
import { icons } from '../phrases.ts';

interface ReminderReply {
  readonly key: string;
  readonly view: MessageView;
  readonly broadcast?: true;
}

const reply = (text: Mrkdwn): MessageView => message(text, lines([text]));

/** A reminder that was stored and not posted is left out when somebody has decided meanwhile. */
export function reminderReplies(data: CardData): readonly ReminderReply[] {
  const since = waitsForPersonSince(data.reboot);
  if (since === undefined) return [];
  return data.reboot.history
    .filter((entry) => isReminder(entry) && toInstant(entry.at) >= since)
    .map((entry) => reminderOf(data, entry, since));
}

/**
 * A reply in a thread notifies those that it names. Where it names nobody, and where others are told, the
 * channel sees it.
 */
function reminderOf(data: CardData, { what, at }: HistoryEntry, since: number): ReminderReply {
  const { reboot, cluster } = data;
  const people = what === 'escalated' ? (data.escalateTo ?? []).map(groupMention) : approversIn(data);
  const waited = inWords(Math.max(0, toInstant(at) - since));
  const asks = reboot.state.phase === 'Pending' ? 'nobody has decided' : 'nobody has decided what comes next';
  const text = say`*${icons.waiting} ${reboot.node.name} waits* · ${cluster}\nFor ${waited} now ${asks}. It is decided on the card.${calling(people)}`;
  const isWide = what === 'escalated' || people.length === 0;
  return { key: `${what}@${at}`, view: reply(text), ...(isWide ? { broadcast: true } : {}) };
}

export const calling = (people: readonly Mrkdwn[]): Mrkdwn =>
  people.length === 0 ? say`` : say` ${some(people, 6)}`;

export const approversIn = ({ approvers }: Pick<CardData, 'approvers'>): readonly Mrkdwn[] =>
  approvers.kind === 'named'
    ? [...approvers.groups.map(groupMention), ...approvers.users.map((id) => mention(id, id))]
    : [];

/** Tells who asked for it with `/reboot now`: nobody else has to know. */
export function doneReplies({ reboot, cluster }: CardData): readonly ReminderReply[] {
  const { state, need, node } = reboot;
  const by = need.person?.by;
  if (state.phase !== 'Succeeded' || by?.kind !== 'user') return [];
  const text = say`${icons.done} ${mention(by.id, by.name)}, ${node.name} of ${cluster}, which you asked for, has rebooted in ${inWords(state.took.total)}.`;
  return [{ key: `done@${state.since}`, view: reply(text) }];
}
