/** The modal of Details: everything that a card leaves out. */
import type { KnownBlock, ModalView } from '@slack/types';
import type { Asker, Need } from '../../../reboot/state/need.ts';
import { decisionsIn, type HistoryEntry } from '../../../reboot/state/decision.ts';
import type { Phase, Reboot } from '../../../reboot/state/reboot.ts';
import type { Blocker } from '../../../reboot/scheduling/blockers/blockers.ts';
import type { DetailsView } from '../../../reboot/ports/decisions/decisions.ts';
import { inWords } from '../../../reboot/time/time.ts';
import { context, divider, lines, modal, section } from '../../blocks/blocks.ts';
import { say, some, when } from '../../blocks/escape.ts';
import { headline } from '../card/headline.ts';
import { impactList } from '../card/impact-lines.ts';
import { whereabouts } from '../card/reasons.ts';
import { atTimestamp, by, byRisk, counted, kernelChange, ticketsOf } from '../phrases.ts';

export const detailsModal = ({ cluster, reboot, blockers, earlier }: DetailsView): ModalView =>
  shell([
    section(say`*${headline(reboot)}*`),
    context(whereabouts({ cluster, reboot })),
    section(kernelChange(reboot)),
    ...askers(reboot.need.askedBy ?? []),
    ...packageList(reboot.need),
    ...gateList(blockers),
    divider,
    ...impactList(reboot.impact),
    divider,
    ...historyList(reboot.history),
    ...earlierList(earlier),
    context(say`Reboot ${reboot.name} · boot ${reboot.bootId} · digest ${reboot.need.digest}`),
  ]);

/** Opened before the data is read: Slack's trigger_id is valid for three seconds. */
export const detailsLoading = (node: string): ModalView => shell([section(say`Looking up ${node} …`)]);

export const detailsMissing = (sentence: string): ModalView => shell([section(say`${sentence}`)]);

const shell = (blocks: readonly KnownBlock[]): ModalView =>
  modal({ id: 'tugboot.view.details', title: 'Details', close: 'Close', blocks });

const askers = (askedBy: readonly Asker[]): KnownBlock[] =>
  askedBy.length === 0
    ? []
    : [
        section(say`*Asked for by*`),
        ...lines(
          askedBy.map(({ name, reason }) => say`• ${name}${reason === undefined ? say`` : say`: ${reason}`}`),
        ),
      ];

function packageList({ packages, packagesLeftOut: leftOut, askedBy = [] }: Need): KnownBlock[] {
  if (packages.length + leftOut === 0) return [section(say`The node names no packages.`)];
  const items = byRisk(packages).map(({ name, version = '', risk, signal }) => {
    const kind = risk === 'other' ? say`` : say` (${risk})`;
    // With one signal it is said above already.
    const from = signal === undefined || askedBy.length < 2 ? say`` : say`, named by ${signal}`;
    return say`• ${`${name} ${version}`}${kind}${from}`;
  });
  const rest = leftOut > 0 ? [context(say`and ${leftOut} more that the agent left out of its report`)] : [];
  return [section(say`*${counted(packages.length + leftOut, 'package')}*`), ...lines(items), ...rest];
}

function gateList(blockers: readonly Blocker[]): KnownBlock[] {
  if (blockers.length === 0) return [];
  const items = blockers.map(({ sentence, clears, until }, index) => {
    const at = until === undefined ? say`` : say` (${when(until)})`;
    return say`${index + 1}. ${sentence} ${clears}${at}`;
  });
  return [divider, section(say`*What holds it back*`), ...lines(items)];
}

/** The node's last reboots: how they ended, how long they took, and who let them start. */
function earlierList(earlier: readonly Reboot[]): KnownBlock[] {
  if (earlier.length === 0) return [];
  const items = earlier.map((reboot) => {
    const { state, history } = reboot;
    const took = state.phase === 'Succeeded' ? say` in ${inWords(state.took.total)}` : say``;
    const kernel = state.phase === 'Succeeded' ? say`, kernel ${state.kernel}` : say``;
    const approvers = decisionsIn(history).flatMap(({ what, by: who }) =>
      what === 'approved' && who !== undefined ? [by(who)] : [],
    );
    const approved = approvers.length === 0 ? say`` : say`, approved by ${some(approvers, 3)}`;
    return say`• ${atTimestamp(state.since)} ${ends[state.phase] ?? state.phase}${took}${kernel}${approved}`;
  });
  return [section(say`*Earlier reboots of this node*`), ...lines(items)];
}

const ends: Readonly<Partial<Record<Phase, string>>> = {
  Succeeded: 'rebooted',
  GivenUp: 'failed, and given up',
  Cancelled: 'cancelled',
};

const happened: Readonly<Record<HistoryEntry['what'], string>> = {
  approved: 'approved',
  snoozed: 'snoozed',
  denied: 'denied',
  cancelled: 'cancelled',
  'put-back': 'put back',
  undone: 'drain undone',
  'tried-again': 'tried again',
  accepted: 'its rollout let go on',
  'hook-failed': 'went on without a hook',
  'silence-failed': 'alerts were not silenced',
  deleted: 'its Reboot was deleted, and written anew',
  retried: 'retried',
  skipped: 'given up',
  forced: 'forced',
  'asked-again': 'asked again',
  lapsed: 'the approval lapsed',
  moved: 'followed its node',
  reminded: 'approvers reminded',
  escalated: 'others told',
  entered: 'phase',
};

function historyList(history: readonly HistoryEntry[]): KnownBlock[] {
  const decisions = decisionsIn(history);
  if (decisions.length === 0) return [section(say`Nothing was decided yet.`)];
  const items = decisions.map((entry) => {
    const why = entry.what === 'lapsed' && !entry.reason ? say`: the packages changed` : say``;
    const who = entry.by ? say` by ${by(entry.by)}` : say``;
    return say`• ${atTimestamp(entry.at)} ${happened[entry.what] ?? entry.what}${why}${who}${ticketsOf([entry])}${entry.reason ? say`: "${entry.reason}"` : say``}`;
  });
  return [section(say`*History*`), ...lines(items)];
}
