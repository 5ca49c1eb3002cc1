/** The answer to `/reboot status`. */
import type { StatusRow, StatusView } from '../../../reboot/ports/decisions.ts';
import { pendingHook, waitOf } from '../../../reboot/deadlines/hook-waits.ts';
import type { Draining, Phase, Reboot } from '../../../reboot/state/reboot.ts';
import type { MessageRef } from '../../../reboot/state/chat-record.ts';
import type { RolloutView } from '../../../reboot/rollout/rollout-facts.ts';
import { minute } from '../../../reboot/time/time.ts';
import { needsUncordon, overdueSentence } from '../../../reboot/words/words.ts';
import { context, lines, message, section, type MessageView } from '../../blocks.ts';
import { joined, link, say, some, when, type Mrkdwn } from '../../escape.ts';
import { byPhase, type ByPhase } from '../card/by-phase.ts';
import { rolloutLines, rolloutTitle } from '../card/rollout-digest.ts';
import { failures } from '../card/headline.ts';
import { pauseLine } from './pause-answers.ts';
import { approvedBy, ago, at, budgetWaits, by, counted, markFor, marks } from '../phrases.ts';

/** The permalink of a card; undefined if there is none, or if the workspace's address is unknown. */
export type LinkTo = (card: MessageRef | undefined) => string | undefined;

const order: Readonly<Record<Phase, number>> = {
  Draining: 0,
  Undoing: 0,
  Rebooting: 0,
  Settling: 0,
  Failed: 1,
  Approved: 2,
  Pending: 3,
  Snoozed: 4,
  Denied: 5,
  Succeeded: 6,
  GivenUp: 6,
  Cancelled: 6,
  Superseded: 6,
};
const mostRows = 60;
const rowsPerSection = 6;

export function status(view: StatusView, linkTo: LinkTo = () => undefined): MessageView {
  const rows = view.rows.toSorted((one, other) => order[one.phase] - order[other.phase]);
  const shown = rows.slice(0, mostRows).map((row) => rowLine(row, linkTo));
  const sections: Mrkdwn[] = [];
  for (let at = 0; at < shown.length; at += rowsPerSection)
    sections.push(joined(shown.slice(at, at + rowsPerSection), '\n'));
  const rest = rows.length - shown.length;
  const summary = summaryOf(view);
  return message(summary, [
    section(summary),
    ...agentlessLine(view),
    ...generalLines(view),
    ...(view.rollouts ?? []).flatMap(rolloutBlocks),
    ...sections.map(section),
    ...(rest > 0 ? [context(say`and ${rest} more: name a node or a pool to see them`)] : []),
    ...staleness(view),
  ]);
}

function summaryOf({ cluster, rows, nodes, quiet }: StatusView): Mrkdwn {
  const count = (...phases: Phase[]): number => rows.filter((row) => phases.includes(row.phase)).length;
  const failed = count('Failed');
  const parts = [
    say`${marks.running} ${count('Draining', 'Undoing', 'Rebooting', 'Settling')} running`,
    say`${marks.waiting} ${count('Pending', 'Snoozed', 'Approved')} waiting`,
    ...(failed > 0 ? [say`${marks.failed} ${failed} failed`] : []),
    say`${quiet} of ${counted(nodes, 'node')} ${quiet === 1 || nodes === 1 ? 'needs' : 'need'} nothing`,
  ];
  return say`*${cluster}* ${joined(parts, ' · ')}`;
}

function agentlessLine({ agentless = [] }: StatusView): ReturnType<typeof context>[] {
  if (agentless.length === 0) return [];
  const total = agentless.reduce((sum, { count }) => sum + count, 0);
  const kinds = agentless.map(({ kind, count }) => say`${count} ${kind}`);
  return [context(say`${counted(total, 'node')} without an agent, in no pool: ${joined(kinds, ', ')}`)];
}

const rolloutBlocks = (rollout: RolloutView): ReturnType<typeof section>[] =>
  lines([say`*${rolloutTitle(rollout)}*`, ...rolloutLines(rollout)]);

const mostPauses = 5;
const mostTroubles = 4;
const longestProblem = 600;

/** Pauses, refused configurations and other general problems, above the rows. */
function generalLines({ pauses, refused, troubles = [] }: StatusView): ReturnType<typeof section>[] {
  const shown = pauses.slice(0, mostPauses).map(({ pause, idle }) => {
    const line = say`${marks.paused} ${pauseLine(pause)}`;
    return idle ? say`${line} There is no such ${pause.scope.kind}, so this holds nobody.` : line;
  });
  const rest = pauses.length - shown.length;
  const more = rest > 0 ? [say`and ${counted(rest, 'more pause')}`] : [];
  const problemLines = [
    ...troubles.slice(0, mostTroubles).map((sentence) => say`${marks.failed} ${sentence}`),
    ...(troubles.length > mostTroubles ? [say`and ${troubles.length - mostTroubles} more like these`] : []),
    ...(refused === undefined ? [] : [refusedLine(refused)]),
  ];
  const all = [...shown, ...more, ...problemLines];
  return all.length === 0 ? [] : [section(joined(all, '\n'))];
}

function refusedLine(problem: string): Mrkdwn {
  const cut = problem.length > longestProblem ? `${problem.slice(0, longestProblem)}…` : problem;
  return say`${marks.failed} The configuration was changed, and refused; the one before stays in force. ${cut}`;
}

const staleness = ({ heardAt, now }: StatusView): ReturnType<typeof context>[] =>
  now - heardAt > minute
    ? [context(say`The cluster was last heard from ${when(heardAt, 'ago')}, so this may be old.`)]
    : [];

function rowLine(row: StatusRow, linkTo: LinkTo): Mrkdwn {
  const url = linkTo(row.reboot.chat.card);
  const node = url === undefined ? say`${row.reboot.node.name}` : link(url, row.reboot.node.name);
  const left = remainderOf(row.reboot);
  return say`${markFor(row.reboot)} ${node} ${what(row)}${left}`;
}

function remainderOf(reboot: Reboot): Mrkdwn {
  if (overdueSentence(reboot) !== undefined)
    return say` · keeps its turn: its agent says that it goes down, and it does not`;
  return needsUncordon(reboot) ? say` · stays cordoned, uncordon it yourself` : say``;
}

const what = (row: StatusRow): Mrkdwn => byPhase(words, row.reboot.state, row);

const words: ByPhase<[row: StatusRow], Mrkdwn> = {
  Pending: ({ approvals }, { approvalsNeeded, reboot }) => {
    const missing = Math.max(0, approvalsNeeded - approvals.length);
    const given = approvals.map((approval) => by(approval.by));
    const wanted =
      given.length === 0
        ? counted(missing, 'approval')
        : say`${counted(missing, 'more approval')} (${some(given, 4)}, of ${approvalsNeeded})`;
    return say`needs ${wanted} · asked ${ago(reboot.createdAt)}`;
  },
  Snoozed: (state) => say`snoozed by ${by(state.by)} until ${at(state.until)}`,
  Denied: (state) => say`denied by ${by(state.by)}: "${state.reason}"`,
  Approved: ({ decision }, { blockers }) =>
    say`approved by ${approvedBy(decision)} · ${blockers[0]?.sentence ?? 'starts at once'}`,
  Draining: draining,
  Undoing: ({ undo }) => say`is being put back: ${undo.cause}`,
  Rebooting: (state) => say`rebooting since ${at(state.since)}`,
  Settling: (state) =>
    say`back with kernel ${state.kernel}, ${pendingHook(state) ? 'proven, waits for its hook' : 'settling'}`,
  Succeeded: (state) => say`rebooted ${ago(state.since)}, kernel ${state.kernel}`,
  Failed: (state, { reboot }) =>
    say`${failures[state.code]} · ${ago(state.since)} · halts pool ${reboot.pool}`,
  GivenUp: (state) => say`given up by ${by(state.by)}`,
  Cancelled: (state) => say`cancelled by ${by(state.by)} ${ago(state.since)}`,
  Superseded: () => say`needs nothing from Tugboot any more`,
};

function draining(state: Draining): Mrkdwn {
  const wait = waitOf(state);
  if (pendingHook(state)) return say`drained, waits for its hook · approved by ${approvedBy(state.decision)}`;
  if (!wait) return moving(state);
  const next = wait.before === 'drain' ? say`cordoned, drains` : say`drained, reboots`;
  return say`${next} ${at(wait.until)} · approved by ${approvedBy(state.decision)}`;
}

function moving({ drain, decision }: Draining): Mrkdwn {
  const waiting = drain?.waiting[0];
  const gone = drain ? say` ${drain.gone} of ${drain.total} pods` : say``;
  return say`draining${gone}${waiting ? say`, ${budgetWaits(waiting)}` : say``} · approved by ${approvedBy(decision)}`;
}
