/** A pool digest while its reboots run, and the sum at the end. */
import type {
  BlockerGroup,
  DigestDecisionView,
  FailureGroup,
  PoolDigestData,
  RunningRow,
  UndoneGroup,
} from '../../../reboot/pool-digest/message/digest-facts.ts';
import { inWords, type Instant } from '../../../reboot/time/time.ts';
import { standingOf } from '../../../reboot/words/words.ts';
import { joined, link, say, some, when, type Mrkdwn } from '../../blocks/escape.ts';
import type { LinkTo } from '../answers/status-rows.ts';
import { failures } from '../card/headline.ts';
import { stageLines } from '../card/rollout-digest.ts';
import { bar, by, counted, icons } from '../phrases.ts';
import { decidedWords } from './many-words.ts';
import { refusalLines } from './refusal-lines.ts';

const mostRunning = 10;

/** Empty until the first is approved. */
export function progressLines(data: PoolDigestData, linkTo: LinkTo): readonly Mrkdwn[] {
  const { counts, running, failed, undone, waitsFor, timeLeft, rollout } = data;
  const begun = counts.waiting + counts.running + counts.failed + counts.done > 0;
  if (!begun) return undecidedLine(data);
  return [
    say`${bar(counts.done, counts.total - counts.ended)} ${countsLine(data)}`,
    ...failed.map((group) => failureLine(group, linkTo)),
    ...undone.map((group) => undoneLine(group, linkTo)),
    ...running.slice(0, mostRunning).map((row) => runningLine(row, linkTo)),
    ...(running.length > mostRunning ? [say`and ${running.length - mostRunning} more that run`] : []),
    ...waitsFor.filter(({ code }) => code !== 'drain-needs-person').map(waitLine),
    ...(rollout === undefined || rollout.endedAt !== undefined ? [] : stageLines(rollout)),
    ...(timeLeft === undefined ? [] : [say`*Time left* about ${inWords(timeLeft)}`]),
    ...undecidedLine(data),
  ];
}

function countsLine({ counts }: PoolDigestData): Mrkdwn {
  const parts: readonly (readonly [number, string])[] = [
    [counts.running, 'running'],
    [counts.waiting, 'approved'],
    [counts.failed, 'failed'],
    [counts.asking, 'not decided'],
    [counts.snoozed, 'snoozed'],
    [counts.denied, 'denied'],
    [counts.ended, 'left out'],
  ];
  const said = parts.filter(([count]) => count > 0).map(([count, word]) => say`${count} ${word}`);
  return joined([say`${counts.done} of ${counted(counts.total, 'node')} done`, ...said], ' · ');
}

const undecidedLine = ({
  counts: { snoozed, denied, asking, done, running, waiting, failed },
}: PoolDigestData) => {
  // The line of counts has them.
  if (done + running + waiting + failed > 0 || asking === 0) return [];
  const said = [
    ...(snoozed === 0 ? [] : [`${snoozed} snoozed`]),
    ...(denied === 0 ? [] : [`${denied} denied`]),
  ];
  return said.length === 0 ? [] : [say`Besides, ${said.join(' and ')}.`];
};

function runningLine({ node, phase, pods, waitsFor, card, since }: RunningRow, linkTo: LinkTo): Mrkdwn {
  const what = pods
    ? say`${bar(pods.gone, pods.total)} ${pods.gone} of ${pods.total} pods gone`
    : say`since ${when(since)}`;
  const waits = waitsFor === undefined ? say`` : say` · waits for ${waitsFor}`;
  return say`${icons.running} ${linked(node, linkTo(card))} ${standingOf(phase)} · ${what}${waits}`;
}

const linked = (node: string, url: string | undefined): Mrkdwn =>
  url === undefined ? say`${node}` : link(url, node);

function waitLine({ sentence, nodes, first, until }: BlockerGroup): Mrkdwn {
  const clears = until === undefined ? say`` : say` (${when(until)})`;
  const who = nodes === 1 ? say`${first}` : say`${nodes} nodes`;
  return say`${icons.waiting} ${who}: ${sentence}${clears}`;
}

/** One line for each cause: the first of its nodes, with what is to be done. */
export function failureLine({ code, sentence, nodes, first }: FailureGroup, linkTo: LinkTo): Mrkdwn {
  const who = some(
    first.map(({ node, card }) => linked(node, linkTo(card))),
    5,
    nodes - first.length,
  );
  return nodes === 1
    ? say`${icons.failed} ${who} ${failures[code]}. ${sentence} Its card offers what can be done.`
    : say`${icons.failed} ${nodes} nodes ${failures[code]}: ${who}. ${sentence} The card of each offers what can be done.`;
}

const whyPerson: Readonly<Record<UndoneGroup['needsPerson'], string>> = {
  'tried-enough': 'were tried often enough',
  'cannot-succeed': 'would not succeed if they were tried again',
  forced: 'had been forced already',
};

/** Drains that were undone, and wait for somebody: one line for each cause. */
export function undoneLine({ sentence, needsPerson, nodes, first }: UndoneGroup, linkTo: LinkTo): Mrkdwn {
  const who = some(
    first.map(({ node, card }) => linked(node, linkTo(card))),
    5,
    nodes - first.length,
  );
  return say`${icons.paused} ${counted(nodes, 'drain')} of ${who} ${nodes === 1 ? 'was' : 'were'} undone and ${whyPerson[needsPerson]}, so somebody has to decide: ${sentence}. Retry, force or cancel on the card of each, or for all with \`/reboot retry\`, \`force\` or \`cancel\`.`;
}

/** The last decisions, the newest first. */
export const decisionLines = ({ decisions }: PoolDigestData): readonly Mrkdwn[] =>
  decisions.toReversed().slice(0, 3).map(decisionLine);

export function decisionLine({ request, by: who, at, of, result }: DigestDecisionView): Mrkdwn {
  const nodes = result === undefined ? counted(of, 'node') : counted(result.applied, 'node');
  const applying = result === undefined ? say`, being applied` : say``;
  return say`${decidedWords(request)}, by ${by(who)}, on ${nodes}${applying} · ${when(at)}${refusedLine(result)}`;
}

function refusedLine(result: DigestDecisionView['result']): Mrkdwn {
  if (result === undefined || result.refused === 0) return say``;
  return say`. Not on ${result.refused}: ${joined(refusalLines(result), ' ')}`;
}

/** The result in one line. */
export function sumLine({ counts, firstAskedAt }: PoolDigestData, closedAt: Instant): Mrkdwn {
  const rest: readonly (readonly [number, string])[] = [
    [counts.failed, 'failed'],
    [counts.denied, 'denied'],
    [counts.snoozed, 'snoozed'],
    [counts.ended, 'left out or given up'],
  ];
  const said = rest.filter(([count]) => count > 0).map(([count, word]) => say`${count} ${word}`);
  const all = said.length === 0 ? [say`none failed`] : said;
  const sum = joined([say`${counted(counts.done, 'node')} rebooted`, ...all], ', ');
  return say`${sum}. From the first question to the end ${inWords(closedAt - firstAskedAt)}. Ended ${when(closedAt)}.`;
}
