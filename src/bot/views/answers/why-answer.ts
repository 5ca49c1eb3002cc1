/** The answer to `/reboot why NODE`. */
import { clearedByApprovers } from '../../../reboot/scheduling/blockers/blocker-facts.ts';
import type { Blocker } from '../../../reboot/scheduling/blockers/blockers.ts';
import type { WhyView } from '../../../reboot/ports/decisions/decisions.ts';
import { pendingHook, waitOf } from '../../../reboot/deadlines/hook-waits.ts';
import type { Approvers } from '../../../reboot/policy/policy.ts';
import type { Phase, Reboot } from '../../../reboot/state/reboot.ts';
import { standingOf } from '../../../reboot/words/words.ts';
import { context, lines, message, type MessageView } from '../../blocks/blocks.ts';
import { joined, type Mrkdwn, say, when } from '../../blocks/escape.ts';
import { askingHook, waiting } from '../card/run-lines.ts';
import { iconOf, icons, mayApprove } from '../phrases.ts';

const asks: Readonly<Record<WhyView['asks'], string>> = {
  yes: 'It asks for a reboot.',
  no: 'It does not ask for a reboot.',
  unknown: 'Its agent cannot tell whether it needs a reboot.',
  silent: 'Its agent has said nothing since it booted.',
};

const mostBlockers = 12;

/** Gates are queried again at the start and may change by then. */
const asOfNow = say`As of now, and asked again just before the start:`;

export function whyAnswer(view: WhyView): MessageView {
  const title = titleOf(view);
  const blockers = view.blockers
    .slice(0, mostBlockers)
    .map((blocker) => blockerLine(blocker, view.approvers));
  const asked = view.asked.slice(0, mostBlockers).map((blocker) => blockerLine(blocker));
  const rest = view.blockers.length + view.asked.length - blockers.length - asked.length;
  return message(title, [
    ...lines([title, ...blockers, ...(asked.length === 0 ? [] : [asOfNow, ...asked])]),
    ...(rest > 0 ? [context(say`and ${rest} more`)] : []),
    context(joined(facts(view), ' · ')),
  ]);
}

const waits: ReadonlySet<Phase> = new Set([
  'Pending',
  'Approved',
  'Snoozed',
  'Denied',
  'Failed',
  'GivenUp',
] as const);

function titleOf({ node, reboot, blockers, asked, asks: said, pool, agentless }: WhyView): Mrkdwn {
  if (agentless !== undefined && (reboot === undefined || waits.has(reboot.state.phase)))
    return say`*${node.name}* ${agentless}. No agent can run there, so Tugboot does not reboot it.`;
  if (pool === undefined) return say`*${node.name}* belongs to no pool, so it is never asked about.`;
  if (!reboot) return say`No reboot of *${node.name}* is open. ${asks[said]}`;
  const { phase } = reboot.state;
  const standing = say`${iconOf(reboot.state)} *${node.name}* ${standingOf(phase)}`;
  const wait = reboot.state.phase === 'Draining' ? waitOf(reboot.state) : undefined;
  if (wait) return say`${standing}. ${waiting(wait)}`;
  const hook = pendingHook(reboot.state);
  if (hook) return say`${standing}. ${askingHook(hook)}`;
  const missing = missingIn(reboot);
  if (missing !== '') return say`${standing}. ${missing}`;
  if (!waits.has(phase)) return say`${standing}.`;
  if (blockers.length + asked.length === 0)
    return say`${standing}, and nothing holds it back: it starts at once.`;
  return say`${standing}. What holds it back:`;
}

/** What a reboot that is under way still lacks, in sentences; empty where nothing is known to be missing. */
function missingIn({ state }: Reboot): string {
  if (state.phase === 'Rebooting') return state.trouble ?? '';
  return state.phase === 'Settling' ? state.missing.map(({ sentence }) => sentence).join(' ') : '';
}

function blockerLine({ code, sentence, clears, until }: Blocker, approvers?: Approvers): Mrkdwn {
  const from = approvers && clearedByApprovers.has(code) ? say` ${fromWhom(approvers)}` : say``;
  return until === undefined
    ? say`• ${sentence}${from} ${clears}`
    : say`• ${sentence}${from} ${clears.replace(/\.$/, '')} (${when(until)}).`;
}

/** The answer, unlike a card, may be shown in any channel. */
const fromWhom = (approvers: Approvers): Mrkdwn =>
  approvers.kind === 'channel'
    ? say`May approve: everybody in the channel of its card.`
    : say`${mayApprove(approvers)}.`;

function facts({ cluster, node, pool, reboot, asks: said }: WhyView): Mrkdwn[] {
  return [
    say`${cluster}`,
    ...(pool === undefined ? [] : [say`pool ${pool}`]),
    say`${node.ready ? 'Ready' : `${icons.failed} not Ready`}`,
    ...(node.unschedulable
      ? [say`${node.cordonedBy === undefined ? 'cordoned by somebody else' : 'cordoned by Tugboot'}`]
      : []),
    say`kernel ${node.kernel}`,
    ...(reboot && said !== 'yes' ? [say`${asks[said]}`] : []),
  ];
}
