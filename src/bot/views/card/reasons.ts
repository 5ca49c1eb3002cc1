/** The lines of a card about the reasons of a reboot and its impact. */
import type { CardData } from '../../../reboot/card/card-facts.ts';
import type { Lapse } from '../../../reboot/state/decision.ts';
import type { Reboot } from '../../../reboot/state/reboot.ts';

import { say, when, type Mrkdwn, some } from '../../blocks/escape.ts';
import { clusterLabel } from '../cluster-label.ts';
import { impactLine } from './impact-lines.ts';
import { ago, atTimestamp, byRisk, kernelChange, namesInWords, packageName } from '../phrases.ts';

/**
 * The context line below the title. Its times are relative to the reader's clock, so that it needs no edits.
 */
export function whereabouts(data: Pick<CardData, 'cluster' | 'colour' | 'reboot'>): Mrkdwn {
  const { reboot } = data;
  const { facts, pool } = reboot;
  const role = facts.controlPlane ? say` · control plane` : say``;
  const zone = facts.zone ? say` · zone ${facts.zone}` : say``;
  const up = facts.bootedAt ? say` · up since ${atTimestamp(facts.bootedAt)}` : say``;
  return say`${clusterLabel(data)} · pool ${pool}${role}${zone} · ${facts.osImage}${up} · asked ${ago(reboot.createdAt)}`;
}

export function packagesLine(reboot: Reboot): Mrkdwn {
  const { packages, packagesLeftOut } = reboot.need;
  if (packages.length + packagesLeftOut === 0) return say`*Packages* the node names none`;
  return say`*Packages* ${some(byRisk(packages).map(packageName), 3, packagesLeftOut)}`;
}

/** Undefined for records of earlier versions, which do not have it. */
export function askedByLine({ need: { askedBy } }: Reboot): Mrkdwn | undefined {
  return askedBy === undefined || askedBy.length === 0
    ? undefined
    : say`*Asked for by* ${namesInWords(
        askedBy.map(({ name }) => name),
        6,
      )}`;
}

export function lapseLine(lapse: Lapse): Mrkdwn {
  if (lapse.why === 'moved')
    return say`*Its node moved to another pool* ${atTimestamp(lapse.at)}, from ${lapse.fromPool ?? 'an earlier one'}, so the earlier approval no longer holds: the approvers of the new pool decide.`;
  if (lapse.why === 'expired')
    return say`*The approval expired* ${atTimestamp(lapse.at)}: it could not start for too long, and what people would decide may have changed. It asks again.`;
  const added = lapse.added.map((name) => say`+${name}`);
  const removed = lapse.removed.map((name) => say`−${name}`);
  return say`*The packages changed* ${atTimestamp(lapse.at)}, so the earlier approval no longer holds: ${some([...added, ...removed], 6)}`;
}

export function automaticLine({ automatic, beyondRule, window }: CardData): Mrkdwn | undefined {
  if (beyondRule !== undefined) return say`*Not by itself* ${beyondRule}`;
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
