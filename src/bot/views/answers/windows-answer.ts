/** The answer to `/reboot windows [POOL]`. */
import type { WindowsAnswer, WindowsView } from '../../../reboot/ports/decisions/decisions.ts';
import { context, lines, message, type MessageView } from '../../blocks/blocks.ts';
import { type Mrkdwn, say, some, when } from '../../blocks/escape.ts';
import { pauseLine } from './pause-answers.ts';

const approvals: Readonly<Record<WindowsView['approval'], string>> = {
  manual: 'people approve',
  window: 'approved when the window opens, unless somebody objects',
  auto: 'approved by itself',
};
const mostPools = 10;
const mostLines = 15;

export function windowsAnswer({ cluster, pools }: Extract<WindowsAnswer, { ok: true }>): MessageView {
  const title = say`*${cluster}* When reboots may start:`;
  const more = pools.length - mostPools;
  return message(title, [
    ...lines([title]),
    ...pools.slice(0, mostPools).flatMap((pool) => lines(poolLines(pool))),
    ...(more > 0 ? [context(say`and ${more} more: name a pool to see it`)] : []),
  ]);
}

export function upcomingWords(next: WindowsView['next'][number]): Mrkdwn {
  if (next.kind === 'excluded') return say`${next.label}`;
  const { open, opens, closes, label, cutBy } = next;
  const cut = cutBy.length === 0 ? say`` : say`, shorter by calendar ${cutBy.join(', ')}`;
  return open ? say`open now, until ${when(closes)} (${label}${cut})` : say`${when(opens)} (${label}${cut})`;
}

function poolLines({ pool, approval, windows: all, next, notes, pauses }: WindowsView): Mrkdwn[] {
  const times =
    all.length === 0
      ? say`at any time`
      : some(
          all.map((label) => say`${label}`),
          6,
        );
  return [
    say`*${pool}* ${times} · ${approvals[approval]}`,
    ...next.slice(0, mostLines).map((each) => say`• ${upcomingWords(each)}`),
    ...notes.slice(0, mostLines).map((note) => say`• ${note}`),
    ...pauses.slice(0, 5).map((pause) => pauseLine(pause)),
  ];
}
