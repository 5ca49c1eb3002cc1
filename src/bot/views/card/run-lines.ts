/** The lines of a card during and after a reboot. */
import { hookSays, passedHook, pendingHook, waitOf } from '../../../reboot/deadlines/hook-waits.ts';
import type { CardData } from '../../../reboot/card/card-facts.ts';
import type {
  Active,
  Draining,
  Failed,
  Force,
  GivenUp,
  Reboot,
  Rebooting,
  Settling,
  Succeeded,
  Undoing,
} from '../../../reboot/state/reboot.ts';
import { inWords, type Millis, type Timestamp, toInstant } from '../../../reboot/time/time.ts';

import { joined, say, type Mrkdwn } from '../../blocks/escape.ts';
import { isForcible } from '../../../reboot/card/offers.ts';
import {
  asksAgain,
  atTimestamp,
  bar,
  between,
  budgetWaits,
  by,
  cordonLine,
  counted,
  podsMoved,
  namesInWords,
} from '../phrases.ts';

export type Lines = readonly (Mrkdwn | undefined)[];

/** The waits of the policy: before the first pod leaves, and after the last one has gone. */
export const waiting = ({ before, since, until }: NonNullable<ReturnType<typeof waitOf>>): Mrkdwn =>
  before === 'drain'
    ? say`Waits ${between(since, until)} for the load balancers before the drain, until ${atTimestamp(until)}.`
    : say`Its pods are gone. Waits ${between(since, until)} before the reboot, until ${atTimestamp(until)}.`;

/** A pending hook of the pool, and its last answer. */
export const askingHook = ({ step, run }: NonNullable<ReturnType<typeof pendingHook>>): Mrkdwn =>
  joined(
    [
      step === 'before'
        ? say`Its pods are gone. Waits for the hook before the reboot, until ${atTimestamp(run.until)} at most.`
        : say`It has proven itself. Waits for the hook after the reboot, until ${atTimestamp(run.until)} at most.`,
      ...(run.said === undefined ? [] : [say`${hookSays(step, run.said)}`]),
    ],
    ' ',
  );

export const forcedBy = ({ by: who, at: when, reason }: Force): Mrkdwn =>
  say`Forced by ${by(who)} ${atTimestamp(when)}: "${reason}"`;

export function draining(state: Draining, { reboot }: CardData): Lines {
  const wait = waitOf(state);
  const hook = pendingHook(state);
  const now = wait ? [waiting(wait)] : hook ? [askingHook(hook)] : moving(state);
  return [...now, withoutHook(state), notRequired(reboot)];
}

/** Shown during the phase only; afterwards the thread and the history have it. */
function withoutHook(state: Draining | Settling): Mrkdwn | undefined {
  const passed = passedHook(state);
  return passed && say`It goes on without a hook. ${hookSays(passed.step, passed.said)}`;
}

/** DaemonSets that were not ready before the reboot are not required after it. */
function notRequired({ daemonsBefore = [] }: Reboot): Mrkdwn | undefined {
  if (daemonsBefore.length === 0) return undefined;
  return say`Not ready before the reboot, and so not asked for after it: DaemonSet ${namesInWords(daemonsBefore)}.`;
}

function moving({ drain, force, deadline }: Draining): Lines {
  const gone = drain ? say`${drain.gone} of ${drain.total} pods gone` : say`moving its pods`;
  return [
    say`${drain ? bar(drain.gone, drain.total) : bar(0, 1)} ${gone}`,
    ...(drain?.waiting ?? []).slice(0, 3).map(budgetWaits),
    force && forcedBy(force),
    say`It may take until ${atTimestamp(deadline)}.`,
  ];
}

export const undoing = ({ undo, cordon }: Undoing): Lines => [
  say`Its drain is undone: ${undo.cause}.`,
  cordon === 'other'
    ? say`Nothing was rebooted. It stays cordoned, as somebody else had cordoned it.`
    : say`Nothing was rebooted. It is uncordoned, and its turn goes to the next node.`,
];

export function rebootingLines(state: Rebooting, { rebootTimeout, reboot }: CardData): Lines {
  const { pods, startedAt, endedAt } = state.drained;
  return [
    pods === 0 ? podsMoved(pods) : say`${counted(pods, 'pod')} moved in ${between(startedAt, endedAt)}.`,
    say`Told to reboot ${atTimestamp(state.since)}; it may take ${inWords(rebootTimeout)}.`,
    state.downSince ? say`Down since ${atTimestamp(state.downSince)}.` : undefined,
    state.trouble ? say`${state.trouble}` : undefined,
    deletedLine(reboot, state.since),
  ];
}

/** What is still missing changes every second and is shown in the thread. */
export function settlingLines(state: Settling, { settleTime, reboot }: CardData): Lines {
  const hook = pendingHook(state);
  return [
    say`Back with kernel ${state.kernel} since ${atTimestamp(state.since)}.`,
    hook ? askingHook(hook) : say`It must stay healthy for ${inWords(settleTime)} before pods may return.`,
    withoutHook(state),
    notRequired(reboot),
    deletedLine(reboot, state.orderedAt),
  ];
}

/** A Reboot deleted after its order was obeyed cannot be stopped: the card shows what happens instead. */
function deletedLine({ history }: Reboot, orderedAt: Timestamp): Mrkdwn | undefined {
  const entry = history.findLast(({ what }) => what === 'deleted');
  if (entry === undefined || toInstant(entry.at) < toInstant(orderedAt)) return undefined;
  return say`Its Reboot was deleted ${atTimestamp(entry.at)}, when the node had obeyed its order already. It is proven and uncordoned as usual.`;
}

export function succeeded({ kernel, newerKernel, pods, took }: Succeeded, { reboot }: CardData): Lines {
  const { running } = reboot.need.kernel;
  const was = running === kernel ? say`unchanged` : say`was ${running}`;
  return [
    say`Kernel ${kernel} (${was}). ${podsMoved(pods)}`,
    say`Drain ${inWords(took.drain)}, boot ${inWords(took.boot)}, settling ${inWords(took.settle)}.`,
    newerKernel ? doesNotRun(newerKernel) : undefined,
    cordonLine(reboot),
    notRequired(reboot),
  ];
}

export const doesNotRun = (kernel: string): Mrkdwn =>
  say`Kernel ${kernel} is installed and does not run. If it should, look at the boot loader’s default.`;

const cordonSentence = (leaveCordoned: boolean): string =>
  leaveCordoned ? 'The node stays cordoned.' : 'The node is uncordoned if Tugboot cordoned it.';

export const givenUp = ({ sentence, leaveCordoned }: GivenUp, { reboot }: CardData): Lines => [
  say`${sentence}`,
  say`${cordonLine(reboot) ?? cordonSentence(leaveCordoned)} Pool ${reboot.pool} goes on.`,
  asksAgain(reboot),
];

export function failed({ sentence, code, from }: Failed, { reboot, rebootTimeout }: CardData): Lines {
  const cordon =
    from.cordon === undefined || code === 'uncordoned-by-other' ? 'It stays as it is' : 'It stays cordoned';
  return [
    say`${sentence}`,
    say`${cordon}, and no other node of pool ${reboot.pool} starts.`,
    say`${code === 'hook-failed' ? retryHook(from.phase) : retrying(from.phase, rebootTimeout)} _Skip_ gives this reboot up and lets the pool go on.`,
    isForcible(code) ? say`_Force_ deletes the pods that are left, whatever their budgets say.` : undefined,
  ];
}

const retryHook = (phase: Active['phase']): Mrkdwn =>
  phase === 'Draining'
    ? say`Nothing was rebooted. _Retry_ makes sure that it is empty, and asks the hook anew.`
    : say`It has rebooted. _Retry_ watches it again, and asks the hook anew.`;

function retrying(phase: Active['phase'], rebootTimeout: Millis): Mrkdwn {
  if (phase === 'Draining') return say`_Retry_ drains on.`;
  return phase === 'Rebooting'
    ? say`_Retry_ makes sure that it is cordoned and empty, orders the reboot again, and waits up to ${inWords(rebootTimeout)}.`
    : say`_Retry_ watches it again.`;
}
