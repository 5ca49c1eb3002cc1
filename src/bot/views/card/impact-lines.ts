/** The impact of a reboot, in words: one line for the card, the full list, and warnings for an approval. */
import type { KnownBlock } from '@slack/types';
import { limitOf, remediesFor } from '../../../reboot/words/budget-words.ts';
import { isNever, type BudgetBlock, type ComesBack } from '../../../reboot/state/drain-facts.ts';
import type { Impact, WorkloadDown } from '../../../reboot/state/impact.ts';
import type { Decision } from '../../../reboot/state/decision.ts';
import type { Reboot } from '../../../reboot/state/reboot.ts';
import { inWords } from '../../../reboot/time/time.ts';
import { context, lines, section } from '../../blocks/blocks.ts';
import { joined, say, type Mrkdwn, some } from '../../blocks/escape.ts';
import { atTimestamp, budgetWaits, counted, namesInWords } from '../phrases.ts';

/** Ordered by severity: what is lost, what goes down, what takes longer. */
export function impactLine(impact: Impact | undefined): Mrkdwn {
  if (impact === undefined) return say`*Would disturb* not known yet`;
  const said = [
    moving,
    notReady,
    back,
    asking,
    lost,
    emptyDir,
    refusals,
    down,
    blocked,
    slow,
    room,
    brokenDaemons,
  ].map((part) => part(impact));
  return say`*Would disturb* ${joined(
    said.filter((part) => part !== undefined),
    ' ',
  )}`;
}

function moving({ podsToMove, lost }: Impact): Mrkdwn {
  if (podsToMove > 0) return say`${counted(podsToMove, 'pod')} ${podsToMove === 1 ? 'moves' : 'move'}.`;
  return lost.length === 0 ? say`nothing: no pod has to move.` : say`no pod that could move.`;
}

const notReady = ({ nodeNotReady }: Impact): Mrkdwn | undefined =>
  nodeNotReady === true
    ? say`The node is not Ready: its pods will not be seen to end, and the drain may wait until its time is over.`
    : undefined;

function asking({ askToStay = [] }: Impact): Mrkdwn | undefined {
  const [first] = askToStay;
  if (first === undefined) return undefined;
  return askToStay.length === 1
    ? say`1 pod asks to be left alone: ${first.pod} (${first.by}).`
    : say`${askToStay.length} pods ask to be left alone: ${namesInWords(askToStay.map(({ pod }) => pod))}.`;
}

/** A pod may end earlier; the sentence is about the full grace period. */
function slow({ slow: found }: Impact): Mrkdwn | undefined {
  if (found === undefined) return undefined;
  const pods = found.pods.map(({ pod, grace }) => say`${pod} (${inWords(grace)})`);
  return say`The drain may take ${inWords(found.timeout)}, and less than ${pods.length === 1 ? 'a pod has' : `${pods.length} pods have`} to end: ${some(pods, 3)}.`;
}

/** Pods that return to the node are not waited for. */
function back({ comeBack = [] }: Impact): Mrkdwn | undefined {
  const of = (why: ComesBack): readonly string[] =>
    comeBack.filter((pod) => pod.why === why).map(({ pod }) => pod);
  const [tolerating, named] = [of('tolerates'), of('named')];
  const said = [
    tolerating.length === 0
      ? undefined
      : say`${counted(tolerating.length, 'pod')} may come back to this node and then ${tolerating.length === 1 ? 'stays, since it tolerates' : 'stay, since they tolerate'} its cordon: ${namesInWords(tolerating)}.`,
    named.length === 0
      ? undefined
      : say`${counted(named.length, 'pod')} ${named.length === 1 ? 'comes back to this node and then stays, being bound to it by name' : 'come back to this node and then stay, being bound to it by name'}: ${namesInWords(named)}.`,
  ].filter((part) => part !== undefined);
  return said.length === 0 ? undefined : joined(said, ' ');
}

function lost({ lost }: Impact): Mrkdwn | undefined {
  if (lost.length === 0) return undefined;
  return lost.length === 1
    ? say`1 pod would be lost: ${lost[0] ?? ''} has no controller.`
    : say`${lost.length} pods would be lost, having no controller: ${namesInWords(lost)}.`;
}

const emptyDir = ({ emptyDir }: Impact): Mrkdwn | undefined =>
  emptyDir.length === 0 ? undefined : say`Local data of ${namesInWords(emptyDir)} would be lost.`;

const refusals = ({ refusals }: Impact): Mrkdwn | undefined =>
  refusals.length === 0 ? undefined : say`The drain would not begin: ${sentences(refusals, 2)}`;

const sentences = (said: readonly string[], most: number): Mrkdwn =>
  some(
    said.map((sentence) => say`${sentence}`),
    most,
  );

function down({ goesDown = [] }: Impact): Mrkdwn | undefined {
  const [first] = goesDown;
  if (first === undefined) return undefined;
  return goesDown.length === 1
    ? say`${goesDownNow(first)}.`
    : say`${goesDown.length} workloads go down, with no ready pod elsewhere: ${namesInWords(goesDown.map(({ workload }) => workload))}.`;
}

const goesDownNow = (workload: WorkloadDown): Mrkdwn =>
  say`${workload.workload} goes down: ${whyDown(workload)}`;

function whyDown({ wants, ready }: WorkloadDown): string {
  if (ready > 1) return `${ready === 2 ? 'both' : `all ${ready}`} of its ready pods are here`;
  return wants === 1 ? 'its only replica is here' : 'its only ready pod is here';
}

function blocked({ blockedBy }: Impact): Mrkdwn | undefined {
  const [never, now] = [blockedBy.filter(isNever), blockedBy.filter((block) => !isNever(block))];
  const said = [neverAllowed(never), notNow(now), remedies(blockedBy)].filter((part) => part !== undefined);
  return said.length === 0 ? undefined : joined(said, ' ');
}

function neverAllowed(blocks: readonly BudgetBlock[]): Mrkdwn | undefined {
  const [first, ...more] = blocks;
  if (first === undefined) return undefined;
  return more.length === 0
    ? say`Budget ${first.budget} never allows a disruption, as it is written (${limitOf(first)}).`
    : say`Budgets ${namesInWords(blocks.map(({ budget }) => budget))} never allow a disruption, as they are written.`;
}

function notNow(blocks: readonly BudgetBlock[]): Mrkdwn | undefined {
  const budgets = [...new Set(blocks.map((block) => block.budget))];
  if (budgets.length === 0) return undefined;
  return budgets.length === 1
    ? say`Budget ${budgets[0] ?? ''} allows no disruption now.`
    : say`Budgets ${namesInWords(budgets)} allow no disruption now.`;
}

/** The remedies of the first blocks only, to keep the line short. Details has all. */
function remedies(blocks: readonly BudgetBlock[]): Mrkdwn | undefined {
  const said = blocks.flatMap(remediesFor);
  return said.length === 0
    ? undefined
    : joined(
        said.slice(0, 2).map((remedy) => say`${remedy}`),
        ' ',
      );
}

function brokenDaemons({ daemonsNotReady = [], nodeNotReady }: Impact): Mrkdwn | undefined {
  // On a node that is not Ready no pod is ready, so that DaemonSets are not listed.
  if (daemonsNotReady.length === 0 || nodeNotReady === true) return undefined;
  return daemonsNotReady.length === 1
    ? say`DaemonSet ${daemonsNotReady[0] ?? ''} is not ready here already, and will not be asked for afterwards.`
    : say`${daemonsNotReady.length} DaemonSets are not ready here already, and will not be asked for afterwards: ${namesInWords(daemonsNotReady)}.`;
}

/** An estimate, and worded as one. */
function room({ room }: Impact): Mrkdwn | undefined {
  if (room === undefined || room.pods === 0) return undefined;
  if (room.short === 0)
    return say`There seems to be room for ${room.pods === 1 ? 'it' : 'all of them'} elsewhere.`;
  return say`There may be no room elsewhere for ${counted(room.short, 'pod')}: ${some(
    room.without.map(({ pod, reason }) => say`${pod} (${reason})`),
    2,
    room.short - room.without.length,
  )}.`;
}

/** The full list, for Details and `/reboot plan`. */
export function impactList(impact: Impact | undefined): KnownBlock[] {
  if (impact === undefined) return [section(impactLine(impact))];
  const pods = (title: string, items: readonly string[]): readonly Mrkdwn[] =>
    items.length === 0 ? [] : [say`${title}:`, ...items.map((item) => say`• ${item}`)];
  return [
    ...lines([
      say`*A drain would move ${counted(impact.podsToMove, 'pod')} and leave ${counted(impact.podsStaying, 'pod')}* (looked ${atTimestamp(impact.at)})`,
      notReady(impact),
      back(impact),
      asking(impact),
      slow(impact),
      ...pods('Lost, having no controller', impact.lost),
      ...pods('Would lose local data', impact.emptyDir),
      ...pods('DaemonSets that are not ready here already', impact.daemonsNotReady ?? []),
      ...impact.refusals.map((sentence) => say`Refuses to begin: ${sentence}`),
    ]),
    ...lines(downInFull(impact)),
    ...lines(impact.blockedBy.map(budgetWaits)),
    ...roomInFull(impact),
  ];
}

function downInFull({ goesDown, podsToMove }: Impact): readonly Mrkdwn[] {
  if (goesDown === undefined)
    return podsToMove === 0 ? [] : [say`Which workloads would lose their last ready pod is not known.`];
  if (goesDown.length === 0) return podsToMove === 0 ? [] : [say`No workload would lose its last ready pod.`];
  return goesDown.map((workload) => say`${goesDownNow(workload)}.`);
}

function roomInFull(impact: Impact): KnownBlock[] {
  if (impact.room === undefined)
    return impact.podsToMove === 0 ? [] : lines([say`Whether there is room elsewhere is not known.`]);
  const { pods, short, without } = impact.room;
  if (pods === 0) return [];
  const shown = without.map(({ pod, reason }) => say`• ${pod}: ${reason}`);
  const rest = short - shown.length;
  return [
    ...lines([
      short === 0
        ? room(impact)
        : say`There may be no room elsewhere for ${counted(short, 'pod')} of ${pods}:`,
      ...shown,
      rest > 0 ? say`and ${rest} more` : undefined,
    ]),
    context(
      say`An estimate by requests, node selectors, taints and what nodes have to give. Volumes, affinity between pods and topology spread are not looked at.`,
    ),
  ];
}

/** Impact that was found after the approval. */
export function worseLine({ impact }: Reboot, decision: Decision): Mrkdwn | undefined {
  const { afterDecision, goesDown = [] } = impact ?? {};
  if (afterDecision?.decision !== decision.at) return undefined;
  const news = {
    lost: afterDecision.lost,
    goesDown: goesDown.filter(({ workload }) => afterDecision.goesDown.includes(workload)),
    refusals: afterDecision.refusals,
  };
  const said = [lost, down, refusals].flatMap((part) => part({ ...nothing, ...news }) ?? []);
  return said.length === 0 ? undefined : say`*Found after the approval* ${joined(said, ' ')}`;
}

const nothing: Impact = {
  at: '',
  podsToMove: 0,
  podsStaying: 0,
  blockedBy: [],
  lost: [],
  emptyDir: [],
  refusals: [],
};

/** Warnings for the confirmation dialog, short and as plain text; its builder cleans the names. */
export function warnings(impact: Impact | undefined): readonly string[] {
  if (impact === undefined) return [];
  const { lost, goesDown = [], refusals, room, askToStay = [] } = impact;
  const few = (items: readonly string[]): string => {
    const rest = items.length - 2;
    return items.slice(0, 2).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
  };
  const never = impact.blockedBy.filter(isNever).map(({ budget }) => budget);
  return [
    ...(refusals.length === 0 ? [] : ['The drain would not begin: see Details.']),
    ...(impact.nodeNotReady === true ? ['The node is not Ready: its pods will not be seen to end.'] : []),
    ...(askToStay.length === 0 ? [] : [`Ask to be left alone: ${few(askToStay.map(({ pod }) => pod))}.`]),
    ...(lost.length === 0 ? [] : [`Would be lost: ${few(lost)}.`]),
    ...(goesDown.length === 0 ? [] : [`Goes down: ${few(goesDown.map(({ workload }) => workload))}.`]),
    ...(never.length === 0 ? [] : [`Never allowed by a budget as it is written: ${few(never)}.`]),
    ...(room && room.short > 0 ? [`There may be no room elsewhere for ${counted(room.short, 'pod')}.`] : []),
  ];
}
