/** The progress message of a card's thread: edited in place, from the cordon to the end. */
import { pendingHook, waitOf } from '../../../reboot/deadlines/hook-waits.ts';
import type { CardData } from '../../../reboot/card/card-facts.ts';
import type { Active, Phase, Reboot, Succeeded } from '../../../reboot/state/reboot.ts';
import type { DrainProgress } from '../../../reboot/state/drain-facts.ts';
import type { Missing } from '../../../reboot/state/missing.ts';
import { inWords } from '../../../reboot/time/time.ts';
import { lines, message, type MessageView } from '../../blocks/blocks.ts';
import { joined, say, type Mrkdwn, some } from '../../blocks/escape.ts';
import { isOwed, owesCleanUp } from '../../../reboot/state/clean-up.ts';
import { byPhase, type ByPhase } from './by-phase.ts';
import { askingHook, doesNotRun, waiting } from './run-lines.ts';
import { keptPods } from '../kept.ts';
import { bar, budgetWaits, cordonLine, icons } from '../phrases.ts';

const steps = ['cordon', 'drain', 'reboot', 'settle', 'uncordon'] as const;

/** Undefined until the work begins, and for a Reboot that never began. */
export function progress(data: CardData): MessageView | undefined {
  const { node, state } = data.reboot;
  const position = byPhase(positions, state, data.reboot);
  if (position === undefined) return undefined;
  const detail = byPhase(details, state, data);
  return message(say`${node.name}: ${detail[0] ?? say`Done.`}`, lines([checklist(position), ...detail]));
}

interface Position {
  /** The node was cordoned by someone else and is not uncordoned. */
  readonly keepsCordon?: boolean;
  /** Index of the running step; `steps.length` when all are done. */
  readonly step: number;
  readonly ended?: 'failed' | 'paused';
}

const stepOfPhase: Readonly<Record<Active['phase'], number>> = { Draining: 1, Rebooting: 2, Settling: 3 };
const isActive = (phase: Phase): phase is Active['phase'] => phase in stepOfPhase;
const stepOf = (state: Active): number => (isCordoning(state) ? 0 : stepOfPhase[state.phase]);
const isCordoning = (state: Active): boolean => state.phase === 'Draining' && state.cordon === undefined;

const notBegun = (): undefined => undefined;
const keepsCordon = (state: Active | Succeeded): boolean => state.cordon === 'other';
const positionOf = (state: Active): Position => ({ step: stepOf(state), keepsCordon: keepsCordon(state) });
const stopped = ({ from }: { readonly from: Phase }): Position | undefined =>
  isActive(from) ? { step: stepOfPhase[from], ended: 'paused' } : undefined;

const positions: ByPhase<[reboot: Reboot], Position | undefined> = {
  Pending: notBegun,
  Snoozed: notBegun,
  Denied: notBegun,
  Approved: notBegun,
  Draining: positionOf,
  Undoing: () => ({ step: stepOfPhase.Draining, ended: 'paused' }),
  Rebooting: positionOf,
  Settling: positionOf,
  Succeeded: ({ cordon }, { cleanup }) => {
    const isCleaned = !isOwed(cleanup);
    return isCleaned && cleanup?.staysCordoned !== undefined && cordon === 'us'
      ? { step: steps.length - 1, ended: 'paused' }
      : { step: isCleaned || cordon === 'other' ? steps.length : steps.length - 1 };
  },
  Failed: ({ from }) => ({ ...positionOf(from), ended: 'failed' }),
  GivenUp: ({ from }) => ({ ...positionOf(from), ended: 'failed' }),
  Cancelled: stopped,
  Superseded: stopped,
};

function checklist({ step, ended, keepsCordon }: Position): Mrkdwn {
  const now = ended ? icons[ended] : icons.running;
  const own = keepsCordon ? steps.slice(0, -1) : steps;
  const words = own.map((name, index) => {
    if (index < step) return say`${icons.done} ${name}`;
    return index === step ? say`${now} *${name}*` : say`${name}`;
  });
  return joined(words, '  ›  ');
}

const nothing = (): Mrkdwn[] => [];

const details: ByPhase<[data: CardData], (Mrkdwn | undefined)[]> = {
  Pending: nothing,
  Snoozed: nothing,
  Denied: nothing,
  Approved: nothing,
  Draining: (state) => {
    const wait = waitOf(state);
    if (wait) return [waiting(wait)];
    const hook = pendingHook(state);
    if (hook) return [askingHook(hook)];
    return state.drain ? drained(state.drain) : [beforeDrain(state.cordon)];
  },
  Undoing: ({ undo }) => [say`The drain is undone: ${undo.cause}.`],
  Rebooting: ({ trouble }) => [
    say`Told to reboot. Waiting for it to come back.`,
    trouble ? say`${trouble}` : undefined,
  ],
  Settling: (state, data) => {
    const hook = pendingHook(state);
    return [hook ? askingHook(hook) : settlingLine(state.missing, data.settleTime)];
  },
  Succeeded: (state, { reboot }) => [
    succeededLine(state, reboot),
    state.newerKernel ? doesNotRun(state.newerKernel) : undefined,
  ],
  Failed: ({ sentence }, { reboot }) => [say`${sentence}`, cordonLine(reboot)],
  GivenUp: ({ sentence }, { reboot }) => [say`${sentence}`, cordonLine(reboot)],
  Cancelled: (_, { reboot }) => [say`Cancelled.`, cordonLine(reboot)],
  Superseded: (_, { reboot }) => [cordonLine(reboot) ?? say`Nothing is left to do.`],
};

function settlingLine(missing: readonly Missing[], settleTime: number): Mrkdwn {
  if (missing.length === 0)
    return say`It looks healthy. Pods may return when it has stayed so for ${inWords(settleTime)}.`;
  // Each is a complete sentence.
  const shown = missing.slice(0, 5).map(({ sentence }) => say`${sentence}`);
  const rest = missing.length - shown.length;
  return joined(
    [say`It is back and not healthy yet.`, ...shown, ...(rest > 0 ? [say`And ${rest} more.`] : [])],
    ' ',
  );
}

const beforeDrain = (cordon: Active['cordon']): Mrkdwn =>
  cordon === undefined
    ? say`Cordoning the node, so that no new pods come.`
    : say`The node takes no new pods. Looking at which ones have to move.`;

function succeededLine({ cordon, kernel }: Succeeded, reboot: Reboot): Mrkdwn {
  const left = cordonLine(reboot);
  if (left) return say`It runs kernel ${kernel}. ${left}`;
  // Records of earlier versions do not contain whether the node is still cordoned.
  if (cordon === 'other')
    return say`It runs kernel ${kernel}. Somebody else had cordoned it before, and it is theirs to uncordon.`;
  return !owesCleanUp(reboot)
    ? say`It runs kernel ${kernel} and takes pods again.`
    : say`It runs kernel ${kernel} and has proven healthy. Uncordoning it.`;
}

function drained({
  gone,
  total,
  leaving,
  waiting,
  trouble,
  kept = [],
}: DrainProgress): (Mrkdwn | undefined)[] {
  const pods = leaving.map((pod) => say`${pod}`);
  return [
    say`${bar(gone, total)} ${gone} of ${total} pods gone`,
    pods.length > 0 ? say`Leaving now: ${some(pods, 5)}` : undefined,
    ...waiting.slice(0, 3).map(budgetWaits),
    waiting.length > 3
      ? say`${waiting.length - 3} more ${waiting.length === 4 ? 'waits' : 'wait'} for budgets`
      : undefined,
    ...trouble.slice(0, 3).map((sentence) => say`${sentence}`),
    ...keptPods(kept),
  ];
}
