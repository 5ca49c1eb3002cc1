/** Phrases that several views share: people, states, packages, durations. */
import { limitOf, remediesFor } from '../../reboot/words/budget-words.ts';
import { isNever, type BudgetBlock } from '../../reboot/state/drain-facts.ts';
import { inWords, toInstant, type Timestamp } from '../../reboot/time/time.ts';
import type { Approvers } from '../../reboot/policy/policy.ts';
import type { Approval, Decision, Principal } from '../../reboot/state/decision.ts';
import type { NeededPackage } from '../../reboot/state/need.ts';
import type { Phase, Reboot, RebootState } from '../../reboot/state/reboot.ts';
import { canAskAgain } from '../../reboot/machine/decisions/decide.ts';
import { cordonLeft, needsUncordon, overdueSentence } from '../../reboot/words/words.ts';

import { groupMention, joined, say, mention, when, type Mrkdwn, some } from '../blocks/escape.ts';

/** One sign for each state, always next to a word. */
export const icons = { waiting: '◷', running: '▸', done: '✓', failed: '✕', paused: '‖' } as const;
export type Icon = keyof typeof icons;

const phaseIcons: Readonly<Record<Phase, Icon>> = {
  Pending: 'waiting',
  Snoozed: 'paused',
  Denied: 'paused',
  Approved: 'waiting',
  Draining: 'running',
  Undoing: 'paused',
  Rebooting: 'running',
  Settling: 'running',
  Succeeded: 'done',
  Failed: 'failed',
  GivenUp: 'failed',
  Cancelled: 'paused',
  Superseded: 'done',
};
/** An approved reboot that needs a person is marked as paused, not as waiting. */
export const iconOf = (state: RebootState): string =>
  icons[
    state.phase === 'Approved' && state.retry?.needsPerson !== undefined ? 'paused' : phaseIcons[state.phase]
  ];
/** An end that leaves something to do is not marked as done. */
export const iconFor = (reboot: Reboot): string =>
  overdueSentence(reboot) !== undefined
    ? icons.failed
    : needsUncordon(reboot)
      ? icons.paused
      : iconOf(reboot.state);

export const atTimestamp = (timestamp: Timestamp): Mrkdwn => when(toInstant(timestamp));
export const ago = (timestamp: Timestamp): Mrkdwn => when(toInstant(timestamp), 'ago');

/** The duration between two stored times; in words if one of them is invalid. */
export function between(from: Timestamp, to: Timestamp): string {
  const duration = toInstant(to) - toInstant(from);
  return Number.isFinite(duration) ? inWords(duration) : 'an unknown time';
}

const principals: {
  readonly [K in Principal['kind']]: (principal: Extract<Principal, { kind: K }>) => Mrkdwn;
} = {
  user: ({ id, name }) => mention(id, name),
  window: ({ window }) => say`the window rule (${window})`,
  rule: ({ pool }) => say`the rule of pool ${pool}`,
  kubernetes: ({ name }) => say`${name}, in Kubernetes`,
};

export const by = (principal: Principal): Mrkdwn =>
  (principals[principal.kind] as (principal: Principal) => Mrkdwn)(principal);

export function approvedBy({ approvals, mode }: Decision): Mrkdwn {
  const who = some(
    approvals.map((approval) => by(approval.by)),
    5,
  );
  // The mode is a person's choice; a rule has none.
  const chosen = approvals.some((approval) => approval.by.kind === 'user');
  const tickets = ticketsOf(approvals);
  return chosen ? say`${who}, for ${mode === 'now' ? 'now' : 'the window'}${tickets}` : who;
}

/** The change tickets, for the end of a phrase. */
export function ticketsOf(approvals: readonly Pick<Approval, 'changeTicket'>[]): Mrkdwn {
  const tickets = [...new Set(approvals.flatMap(({ changeTicket }) => changeTicket ?? []))];
  return tickets.length === 0
    ? say``
    : say`, ticket ${some(
        tickets.map((ticket) => say`${ticket}`),
        5,
      )}`;
}

/** The reasons of approvals, for the end of a sentence. */
export function reasonsOf(approvals: readonly Pick<Approval, 'reason'>[]): Mrkdwn {
  const reasons = approvals.flatMap(({ reason }) => (reason === undefined ? [] : [say`"${reason}"`]));
  return reasons.length === 0 ? say`` : say`: ${some(reasons, 3)}`;
}

/** The people who may approve. */
export function mayApprove(approvers: Approvers): Mrkdwn {
  if (approvers.kind === 'named') {
    const people = [...approvers.groups.map(groupMention), ...approvers.users.map((id) => mention(id, id))];
    return say`May approve: ${some(people, 8)}`;
  }
  return approvers.kind === 'channel'
    ? say`May approve: everybody in this channel`
    : say`Nobody may approve yet: name approvers in the configuration, or write approvers: channel`;
}

/** A version that is part of the name (kernels) is not repeated. */
export function packageName({ name, version }: NeededPackage): Mrkdwn {
  const release = version?.slice(0, version.lastIndexOf('.')) ?? '';
  const isKnown = version === undefined || (release.length > 2 && name.includes(release));
  return say`${isKnown ? name : `${name} ${version}`}`;
}

const riskRank: Readonly<Record<NeededPackage['risk'], number>> = {
  kernel: 0,
  libc: 1,
  init: 2,
  firmware: 3,
  crypto: 4,
  other: 5,
};

/** By risk, highest first. */
export const byRisk = (packages: readonly NeededPackage[]): NeededPackage[] =>
  packages.toSorted((one, other) => riskRank[one.risk] - riskRank[other.risk]);

export const shortDigest = (digest: string): string => digest.replace(/^sha256:/, '').slice(0, 4);

/** Result of a drain, as a sentence. */
export const podsMoved = (pods: number): Mrkdwn =>
  pods === 0 ? say`No pod had to move.` : say`${counted(pods, 'pod')} moved.`;

export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`;

/** Refers to the button Ask again, if the card offers it. */
export const asksAgain = (reboot: Reboot): Mrkdwn | undefined =>
  canAskAgain(reboot) ? say`_Ask again_ puts the question once more.` : undefined;

export function budgetWaits(block: BudgetBlock): Mrkdwn {
  const [first, ...more] = remediesFor(block).map((remedy) => say` ${remedy}`);
  const why = isNever(block)
    ? say`budget ${block.budget} never allows it, as it is written (${limitOf(block)})`
    : say`budget ${block.budget} needs ${block.needed} healthy and has ${block.healthy}`;
  const waits = say`${block.pod} waits: ${why}`;
  return first === undefined ? waits : joined([waits, say`.`, first, ...more], '');
}

export const namesInWords = (items: readonly string[], most = 3): Mrkdwn =>
  some(
    items.map((item) => say`${item}`),
    most,
  );

const barLength = 10;

export function bar(done: number, total: number): string {
  const share = total <= 0 ? 1 : Math.min(1, Math.max(0, done / total));
  const filled = Math.floor(share * barLength);
  return '▓'.repeat(filled) + '░'.repeat(barLength - filled);
}

export const kernelChange = ({ need }: Reboot): Mrkdwn =>
  need.kernel.next && need.kernel.next !== need.kernel.running
    ? say`*Kernel* ${need.kernel.running} → ${need.kernel.next}`
    : say`*Kernel* ${need.kernel.running}, unchanged`;

/** Why the node stays cordoned, for now or for good. */
export function cordonLine(reboot: Reboot): Mrkdwn | undefined {
  const { goesDown } = reboot.cleanup ?? {};
  const sentence = cordonLeft(reboot) ?? overdueSentence(reboot);
  if (sentence !== undefined) return say`${sentence}`;
  if (goesDown === undefined) return undefined;
  return say`Its agent says that its host was asked to reboot: it stays cordoned until it has booted, which may take until ${atTimestamp(goesDown.until)}.`;
}
