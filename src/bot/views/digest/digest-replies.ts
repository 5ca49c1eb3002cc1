/** The replies in the thread of a pool digest, each posted once: an edit of the message notifies nobody. */
import type {
  FailureGroup,
  PoolDigestData,
  UndoneGroup,
} from '../../../reboot/pool-digest/message/digest-facts.ts';
import { lines, message, type MessageView } from '../../blocks/blocks.ts';
import { groupMention, say, some, type Mrkdwn } from '../../blocks/escape.ts';
import type { LinkTo } from '../answers/status-rows.ts';
import { inWords } from '../../../reboot/time/time.ts';
import { approversIn, calling } from '../answers/reminder-replies.ts';
import { counted, icons } from '../phrases.ts';
import { decisionLine, failureLine, undoneLine } from './digest-progress.ts';

export interface DigestReply {
  readonly key: string;
  readonly view: MessageView;
  /** Also posted to the channel: only what must not be missed. */
  readonly broadcast?: true;
}

/** With fewer nodes of one cause, only their cards report it. */
const steps = [5, 10, 20, 50, 100, 200, 500, 1000] as const;

export function digestReplies(data: PoolDigestData, linkTo: LinkTo): readonly DigestReply[] {
  return [
    ...data.decisions
      .filter(({ result }) => result !== undefined)
      .map((decision) => ({ key: `decided@${decision.id}`, view: reply(decisionLine(decision)) })),
    ...asksAgain(data),
    ...reminded(data),
    ...data.failed.flatMap((group) => failed(data, group, linkTo)),
    ...data.undone.flatMap((group) => undone(data, group, linkTo)),
  ];
}

const reply = (text: Mrkdwn): MessageView => message(text, lines([text]));

const failed = (data: PoolDigestData, group: FailureGroup, linkTo: LinkTo): readonly DigestReply[] =>
  needsPerson(data, group, { key: `failed@${group.code}`, line: failureLine(group, linkTo) });

const undone = (data: PoolDigestData, group: UndoneGroup, linkTo: LinkTo): readonly DigestReply[] =>
  needsPerson(data, group, { key: `undone@${group.cause.slice(0, 200)}`, line: undoneLine(group, linkTo) });

/**
 * Posted at the first node beyond each step, and once: a message for each would be a flood, and where many
 * are retried they leave the group one by one.
 */
function needsPerson(
  data: PoolDigestData,
  { nodes }: Pick<FailureGroup, 'nodes'>,
  { key, line }: { readonly key: string; readonly line: Mrkdwn },
): readonly DigestReply[] {
  const step = steps.findLast((least) => nodes >= least);
  if (step === undefined) return [];
  const text = say`*${data.cluster}, pool ${data.pool}*\n${line}${call(data)}`;
  return [{ key: `${key}@${step}`, view: reply(text), broadcast: true }];
}

/** After a snooze somebody has to decide, and the message may have scrolled away. */
function asksAgain(data: PoolDigestData): readonly DigestReply[] {
  if (data.counts.asking === 0 || data.closedAt !== undefined) return [];
  const over = data.decisions.findLast(
    ({ request }) =>
      request.kind === 'snooze' && typeof request.until === 'number' && request.until <= data.now,
  );
  if (over === undefined) return [];
  const title = `${icons.waiting} ${counted(data.counts.asking, 'node')} of pool ${data.pool} ${data.counts.asking === 1 ? 'asks' : 'ask'} again`;
  const text = say`*${title}* · ${data.cluster}\nThe snooze is over. It is decided on the digest.${call(data)}`;
  return [{ key: `asks-again@${over.id}`, view: reply(text), broadcast: true }];
}

/** One for all nodes of the digest. */
function reminded(data: PoolDigestData): readonly DigestReply[] {
  const { reminder, counts, pool, cluster, now } = data;
  if (reminder === undefined) return [];
  const { stage, since, groups } = reminder;
  const people = stage === 'escalated' ? groups.map(groupMention) : approversIn(data);
  const waits = `${counted(counts.asking, 'node')} of pool ${pool} ${counts.asking === 1 ? 'waits' : 'wait'}`;
  const text = say`*${icons.waiting} ${waits}* · ${cluster}\nFor ${inWords(now - since)} now nobody has decided. It is decided on the digest.${calling(people)}`;
  const isWide = stage === 'escalated' || people.length === 0;
  return [{ key: `${stage}@${since}`, view: reply(text), ...(isWide ? { broadcast: true } : {}) }];
}

/** The groups that may approve, to be notified. */
const call = ({ approvers }: PoolDigestData): Mrkdwn =>
  approvers.kind === 'named' && approvers.groups.length > 0
    ? say` ${some(approvers.groups.map(groupMention), 6)}`
    : say``;
