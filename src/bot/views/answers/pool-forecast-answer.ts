/** The answer to `/reboot plan POOL`: the next reboots of a pool, in order, with times. */
import type { ForecastStart, PoolPreview } from '../../../reboot/ports/decisions/decisions.ts';
import { type Instant, inWords } from '../../../reboot/time/time.ts';
import { context, lines, message, type MessageView } from '../../blocks/blocks.ts';
import { joined, type Mrkdwn, say, when } from '../../blocks/escape.ts';
import { counted, icons, namesInWords } from '../phrases.ts';

const mostStarts = 25;
const mostOpenings = 5;
const mostBlocked = 5;

export function poolForecast(view: PoolPreview): MessageView {
  const { cluster, pool, starts, underWay, blocked } = view;
  const undecided = starts.filter(({ isApproved }) => !isApproved).length;
  const title =
    starts.length === 0
      ? say`*${cluster}* No node of pool ${pool} waits for a reboot.`
      : say`*${cluster}* ${icons.waiting} ${counted(starts.length, 'node')} of pool ${pool} ${starts.length === 1 ? 'waits' : 'wait'} for a reboot. In this order:`;
  const rest = starts.length - mostStarts;
  return message(title, [
    ...lines([
      title,
      decisionLine(undecided, starts.length),
      rateLine(view),
      underWay.length === 0 ? undefined : say`${icons.running} Under way: ${namesInWords(underWay, 5)}`,
      ...view.openings.slice(0, mostOpenings).map((opening) => openingLine(opening, view.now)),
      unplaced(view),
    ]),
    ...lines(blocked.slice(0, mostBlocked).map(blockedLine)),
    ...lines(starts.slice(0, mostStarts).map(startLine)),
    ...(rest > 0 ? [context(say`and ${rest} more`)] : []),
    ...(starts.length === 0 ? [] : [context(leftOutLine(view))]),
  ]);
}

function decisionLine(undecided: number, of: number): Mrkdwn | undefined {
  if (undecided === 0) return undefined;
  const who = undecided < of ? `${undecided} of them` : of === 1 ? 'It' : 'All';
  const need = undecided === 1 ? 'needs' : 'need';
  return say`${who} ${need} a decision first. The times are for the case that all were approved now.`;
}

function rateLine({ starts, atOnce, measured }: PoolPreview): Mrkdwn | undefined {
  if (starts.length === 0) return undefined;
  if (atOnce === 0)
    return say`${icons.failed} Nothing can start: as many nodes are out of service as the pool allows.`;
  const rate = say`${atOnce} at a time`;
  if (measured === undefined)
    return say`${rate}. How long one takes is not known yet: no reboot of this pool has been measured.`;
  const { reboots, drain, boot, settle, total } = measured;
  const parts = say`drain ${inWords(drain)}, boot ${inWords(boot)}, settling ${inWords(settle)}`;
  const source = reboots === 1 ? 'the last one' : `median of the last ${reboots}`;
  return say`${rate}, about ${inWords(total)} each (${source}: ${parts})`;
}

function openingLine(
  { opens, closes, label, nodes, done }: PoolPreview['openings'][number],
  now: Instant,
): Mrkdwn {
  if (closes === undefined)
    return say`From now on: ${counted(nodes, 'node')}, the last done about ${when(done)}`;
  const place = label === undefined ? when(opens) : say`${label}`;
  return nodes === 0
    ? say`${opens <= now ? 'The window that is open is' : 'The next window is'} ${place}.`
    : say`${place}: ${counted(nodes, 'node')}, the last done about ${when(done)}`;
}

function unplaced({ starts, measured, atOnce, openings }: PoolPreview): Mrkdwn | undefined {
  const left = starts.filter(({ at }) => at === undefined).length;
  if (left === 0 || measured === undefined || atOnce === 0) return undefined;
  return openings.length === 0
    ? say`${icons.failed} No window opens within five weeks.`
    : say`${counted(left, 'node')} ${left === 1 ? 'fits' : 'fit'} into no window of the next five weeks.`;
}

const blockedLine = ({ sentence, nodes }: PoolPreview['blocked'][number]): Mrkdwn =>
  say`${icons.paused} Holds ${counted(nodes, 'node')} now: ${sentence}`;

function startLine({ node, isApproved, at }: ForecastStart, index: number): Mrkdwn {
  const time = at === undefined ? say`` : say` · about ${when(at)}`;
  const decision = isApproved ? say`` : say` · needs a decision`;
  return say`${index + 1}. ${node}${time}${decision}`;
}

const leftOutLine = ({ leftOut }: PoolPreview): Mrkdwn =>
  say`An estimate. It does not know of: ${joined(
    leftOut.map((phrase) => say`${phrase}`),
    ', ',
  )}. Nothing was changed.`;
