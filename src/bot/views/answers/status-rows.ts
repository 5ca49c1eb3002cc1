/** The rows of `/reboot status`, and the groups that stand for many of them. */
import type { StatusRow } from '../../../reboot/ports/decisions/decisions.ts';
import { pendingHook, waitOf } from '../../../reboot/deadlines/hook-waits.ts';
import type { Draining, Phase, Reboot } from '../../../reboot/state/reboot.ts';
import type { MessageRef } from '../../../reboot/state/chat-record.ts';
import { needsUncordon, overdueSentence } from '../../../reboot/words/words.ts';
import { link, say, some, type Mrkdwn } from '../../blocks/escape.ts';
import { byPhase, type ByPhase } from '../card/by-phase.ts';
import { failures } from '../card/headline.ts';
import { approvedBy, ago, atTimestamp, budgetWaits, by, counted, iconFor } from '../phrases.ts';

/** The permalink of a card; undefined if there is none, or if the workspace's address is unknown. */
export type LinkTo = (card: MessageRef | undefined) => string | undefined;

/** Rows of one pool, phase and first reason, in the order of the rows. A row alone keeps its own line. */
export function groupLines(rows: readonly StatusRow[], linkTo: LinkTo): readonly Mrkdwn[] {
  const groups = Map.groupBy(rows, ({ reboot, phase, blockers }) =>
    JSON.stringify([reboot.pool, phase, reasonOf(reboot) ?? blockers[0]?.code, iconFor(reboot)]),
  );
  const shown = [...groups.values()].slice(0, mostGroups).map((group) => groupLine(group, linkTo));
  const rest = groups.size - shown.length;
  return rest > 0 ? [...shown, say`and ${counted(rest, 'more group')}`] : shown;
}

/** Pools, phases and reasons are few. A message holds some fifty lines. */
const mostGroups = 48;

const reasonOf = ({ state }: Reboot): string | undefined =>
  state.phase === 'Failed' ? state.code : undefined;

function groupLine(group: readonly StatusRow[], linkTo: LinkTo): Mrkdwn {
  const [first] = group;
  if (first === undefined) return say``;
  if (group.length === 1) return rowLine(first, linkTo);
  const { reboot, phase } = first;
  const one = say`${nodeOf(reboot, linkTo)} ${what(first)}${remainderOf(reboot)}`;
  return say`${iconFor(reboot)} *${reboot.pool}* ${group.length} ${groupWords[phase]} · first ${one}`;
}

const groupWords: Readonly<Record<Phase, string>> = {
  Pending: 'ask',
  Snoozed: 'snoozed',
  Denied: 'denied',
  Approved: 'approved and waiting',
  Draining: 'draining',
  Undoing: 'being put back',
  Rebooting: 'rebooting',
  Settling: 'back, and settling',
  Succeeded: 'done',
  Failed: 'failed',
  GivenUp: 'given up',
  Cancelled: 'cancelled',
  Superseded: 'superseded',
};

const nodeOf = ({ node, chat }: Reboot, linkTo: LinkTo): Mrkdwn => {
  const url = linkTo(chat.card);
  return url === undefined ? say`${node.name}` : link(url, node.name);
};

export function rowLine(row: StatusRow, linkTo: LinkTo): Mrkdwn {
  const { reboot } = row;
  return say`${iconFor(reboot)} ${nodeOf(reboot, linkTo)} ${what(row)}${remainderOf(reboot)}`;
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
  Snoozed: (state) => say`snoozed by ${by(state.by)} until ${atTimestamp(state.until)}`,
  Denied: (state) => say`denied by ${by(state.by)}: "${state.reason}"`,
  Approved: ({ decision }, { blockers }) =>
    say`approved by ${approvedBy(decision)} · ${blockers[0]?.sentence ?? 'starts at once'}`,
  Draining: draining,
  Undoing: ({ undo }) => say`is being put back: ${undo.cause}`,
  Rebooting: (state) => say`rebooting since ${atTimestamp(state.since)}`,
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
  return say`${next} ${atTimestamp(wait.until)} · approved by ${approvedBy(state.decision)}`;
}

function moving({ drain, decision }: Draining): Mrkdwn {
  const waiting = drain?.waiting[0];
  const gone = drain ? say` ${drain.gone} of ${drain.total} pods` : say``;
  return say`draining${gone}${waiting ? say`, ${budgetWaits(waiting)}` : say``} · approved by ${approvedBy(decision)}`;
}
