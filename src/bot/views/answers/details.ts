/** The modal of Details: everything that a card leaves out. */
import type { KnownBlock, ModalView } from '@slack/types';
import type { Asker, NeededPackage } from '../../../reboot/state/need.ts';
import { decisionsIn, type HistoryEntry } from '../../../reboot/state/decision.ts';
import type { Reboot } from '../../../reboot/state/reboot.ts';
import { context, divider, modal, section } from '../../blocks.ts';
import { joined, say, type Mrkdwn } from '../../escape.ts';
import { headline } from '../card/headline.ts';
import { impactList } from '../card/impact-lines.ts';
import { whereabouts } from '../card/reasons.ts';
import { atTimestamp, by, byRisk, counted, kernelChange } from '../phrases.ts';

const perSection = 20;

export const details = (cluster: string, reboot: Reboot): ModalView =>
  shell([
    section(say`*${headline(reboot)}*`),
    context(whereabouts({ cluster, reboot })),
    section(kernelChange(reboot)),
    ...askers(reboot.need.askedBy ?? []),
    ...packageList(reboot.need.packages, reboot.need.packagesLeftOut),
    divider,
    ...impactList(reboot.impact),
    divider,
    ...historyList(reboot.history),
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
        ...inSections(
          askedBy.map(({ name, reason }) => say`• ${name}${reason === undefined ? say`` : say`: ${reason}`}`),
        ),
      ];

function packageList(packages: readonly NeededPackage[], leftOut: number): KnownBlock[] {
  if (packages.length + leftOut === 0) return [section(say`The node names no packages.`)];
  const items = byRisk(packages).map(
    ({ name, version = '', risk }) =>
      say`• ${`${name} ${version}`}${risk === 'other' ? '' : say` (${risk})`}`,
  );
  const rest = leftOut > 0 ? [context(say`and ${leftOut} more that the agent left out of its report`)] : [];
  return [section(say`*${counted(packages.length + leftOut, 'package')}*`), ...inSections(items), ...rest];
}

const inSections = (items: readonly Mrkdwn[]): KnownBlock[] =>
  Array.from({ length: Math.ceil(items.length / perSection) }, (_, index) =>
    section(joined(items.slice(index * perSection, (index + 1) * perSection), '\n')),
  );

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
  entered: 'phase',
};

function historyList(history: readonly HistoryEntry[]): KnownBlock[] {
  const decisions = decisionsIn(history);
  if (decisions.length === 0) return [section(say`Nothing was decided yet.`)];
  const items = decisions.slice(-40).map((entry) => {
    const why = entry.what === 'lapsed' && !entry.reason ? say`: the packages changed` : say``;
    const who = entry.by ? say` by ${by(entry.by)}` : say``;
    return say`• ${atTimestamp(entry.at)} ${happened[entry.what] ?? entry.what}${why}${who}${entry.reason ? say`: "${entry.reason}"` : say``}`;
  });
  return [section(say`*History*`), ...inSections(items)];
}
