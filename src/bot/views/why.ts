/** The answer to `/reboot why NODE`. */
import type { Blocker } from '../../reboot/blockers.ts';
import type { WhyView } from '../../reboot/decisions.ts';
import { waitOf } from '../../reboot/hooks.ts';
import type { Phase } from '../../reboot/reboot.ts';
import { standingOf } from '../../reboot/words.ts';
import { context, lines, message, type MessageView } from '../blocks.ts';
import { joined, type Mrkdwn, say, when } from '../escape.ts';
import { waiting } from './run.ts';
import { markOf, marks } from './words.ts';

const asks: Readonly<Record<WhyView['asks'], string>> = {
  yes: 'It asks for a reboot.',
  no: 'It does not ask for a reboot.',
  unknown: 'Its agent cannot tell whether it needs a reboot.',
  silent: 'Its agent has said nothing since it booted.',
};

const mostBlockers = 12;

export function why(view: WhyView): MessageView {
  const title = titleOf(view);
  const blockers = view.blockers.slice(0, mostBlockers).map(blockerLine);
  return message(title, [
    ...lines([title, ...blockers]),
    ...(view.blockers.length > mostBlockers
      ? [context(say`and ${view.blockers.length - mostBlockers} more`)]
      : []),
    context(joined(facts(view), ' · ')),
  ]);
}

const waits: ReadonlySet<Phase> = new Set(['Pending', 'Approved', 'Snoozed', 'Denied', 'Failed'] as const);

function titleOf({ node, reboot, blockers, asks: said, pool }: WhyView): Mrkdwn {
  if (pool === undefined) return say`*${node.name}* belongs to no pool, so it is never asked about.`;
  if (!reboot) return say`*${node.name}* has no reboot before it. ${asks[said]}`;
  const { phase } = reboot.state;
  const standing = say`${markOf(phase)} *${node.name}* ${standingOf(phase)}`;
  const wait = reboot.state.phase === 'Draining' ? waitOf(reboot.state) : undefined;
  if (wait) return say`${standing}. ${waiting(wait)}`;
  if (!waits.has(phase)) return say`${standing}.`;
  if (blockers.length === 0) return say`${standing}, and nothing holds it back: it starts at once.`;
  return say`${standing}. What holds it back:`;
}

const blockerLine = ({ sentence, clears, until }: Blocker): Mrkdwn =>
  until === undefined
    ? say`• ${sentence} ${clears}`
    : say`• ${sentence} ${clears.replace(/\.$/, '')} (${when(until)}).`;

function facts({ cluster, node, pool, reboot, asks: said }: WhyView): Mrkdwn[] {
  return [
    say`${cluster}`,
    ...(pool === undefined ? [] : [say`pool ${pool}`]),
    say`${node.ready ? 'Ready' : `${marks.failed} not Ready`}`,
    ...(node.unschedulable
      ? [say`cordoned${node.cordonedBy === undefined ? ' by somebody else' : ' by Tugboot'}`]
      : []),
    say`kernel ${node.kernel}`,
    ...(reboot && said !== 'yes' ? [say`${asks[said]}`] : []),
  ];
}
