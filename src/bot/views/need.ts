/** What a card says about why a node asks and what the reboot would disturb. */
import type { CardData } from '../../reboot/ports.ts';
import type { Impact, Lapse, Reboot } from '../../reboot/reboot.ts';

import { say, when, type Mrkdwn, some } from '../escape.ts';
import { ago, at, byRisk, counted, kernelChange, packageName } from './words.ts';

/** The small line under the title. Its times are relative to the reader's clock, so the card need not be repainted for them. */
export function whereabouts({ cluster, reboot }: Pick<CardData, 'cluster' | 'reboot'>): Mrkdwn {
  const { facts, pool } = reboot;
  const role = facts.controlPlane ? say` · control plane` : say``;
  const zone = facts.zone ? say` · zone ${facts.zone}` : say``;
  const up = facts.bootedAt ? say` · up since ${at(facts.bootedAt)}` : say``;
  return say`${cluster} · pool ${pool}${role}${zone} · ${facts.osImage}${up} · asked ${ago(reboot.createdAt)}`;
}

export function packagesLine(reboot: Reboot): Mrkdwn {
  const { packages, packagesLeftOut } = reboot.need;
  if (packages.length + packagesLeftOut === 0) return say`*Packages* the node names none`;
  return say`*Packages* ${some(byRisk(packages).map(packageName), 3, packagesLeftOut)}`;
}

/** Nothing in records of earlier versions, which did not say. */
export function askedByLine({ need: { askedBy } }: Reboot): Mrkdwn | undefined {
  return askedBy === undefined || askedBy.length === 0
    ? undefined
    : say`*Asked for by* ${names(
        askedBy.map(({ name }) => name),
        6,
      )}`;
}

export function impactLine(impact: Impact | undefined): Mrkdwn {
  if (impact === undefined) return say`*Would disturb* not known yet`;
  return say`*Would disturb* ${moving(impact)}${blocked(impact)}${lost(impact)}${emptyDir(impact)}${refusals(impact)}`;
}

const moving = ({ podsToMove, lost }: Impact): Mrkdwn => {
  if (podsToMove > 0) return say`${counted(podsToMove, 'pod')} ${podsToMove === 1 ? 'moves' : 'move'}.`;
  return lost.length === 0 ? say`nothing: no pod has to move.` : say`no pod that could move.`;
};

const blocked = ({ blockedBy }: Impact): Mrkdwn => {
  const budgets = [...new Set(blockedBy.map((block) => block.budget))];
  if (budgets.length === 0) return say``;
  return budgets.length === 1
    ? say` Budget ${budgets[0] ?? ''} allows no disruption now.`
    : say` Budgets ${names(budgets)} allow no disruption now.`;
};

const lost = ({ lost }: Impact): Mrkdwn => {
  if (lost.length === 0) return say``;
  return lost.length === 1
    ? say` 1 pod would be lost: ${lost[0] ?? ''} has no controller.`
    : say` ${lost.length} pods would be lost, having no controller: ${names(lost)}.`;
};

const emptyDir = ({ emptyDir }: Impact): Mrkdwn =>
  emptyDir.length === 0 ? say`` : say` Local data of ${names(emptyDir)} would be lost.`;

const refusals = ({ refusals }: Impact): Mrkdwn =>
  refusals.length === 0
    ? say``
    : say` The drain would not begin: ${some(
        refusals.map((sentence) => say`${sentence}`),
        2,
      )}`;

export const names = (items: readonly string[], most = 3): Mrkdwn =>
  some(
    items.map((item) => say`${item}`),
    most,
  );

export function lapseLine(lapse: Lapse): Mrkdwn {
  const added = lapse.added.map((name) => say`+${name}`);
  const removed = lapse.removed.map((name) => say`−${name}`);
  return say`*The packages changed* ${at(lapse.at)}, so the earlier approval no longer holds: ${some([...added, ...removed], 6)}`;
}

export function automaticLine({ automatic, window }: CardData): Mrkdwn | undefined {
  if (automatic === undefined) return undefined;
  if (window?.open) return say`*By itself* ${when(automatic.at)}, unless somebody objects.`;
  return say`*By itself* ${when(automatic.at)}, when the window opens, unless somebody objects.`;
}

export function windowLine({ window, noWindow, automatic }: CardData): Mrkdwn | undefined {
  if (window === undefined) return noWindow === undefined ? undefined : say`*Window* ${noWindow}`;
  if (window.open) return say`*Window* open until ${when(window.closes)}`;
  return automatic ? undefined : say`*Window* ${window.label}, opens ${when(window.opens)}`;
}

export const needLines = (data: CardData): (Mrkdwn | undefined)[] => [
  kernelChange(data.reboot),
  packagesLine(data.reboot),
  askedByLine(data.reboot),
  impactLine(data.reboot.impact),
  automaticLine(data),
  windowLine(data),
];
