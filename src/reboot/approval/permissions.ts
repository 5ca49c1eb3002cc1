import type { DecisionKind, Rejection } from './decision-request.ts';
import type { Caller, Person } from './person.ts';
import { approvalsNeeded } from '../policy/pools.ts';
import type { Policy, PoolPolicy } from '../policy/policy.ts';
import type { Reboot } from '../state/reboot.ts';

/** Decisions that end a Reboot. They stay possible when its pool is gone from the configuration. */
const endingDecisions: ReadonlySet<DecisionKind> = new Set(['cancel', 'skip', 'deny'] as const);

const refuse = (sentence: string): Rejection => ({ code: 'not-allowed', sentence });

/**
 * Why a person may not decide on a Reboot of a pool; undefined where they may. Checked at every decision
 * against the person's current groups and status, not against those at the time the card was shown.
 */
export function refusal(
  person: Person,
  pool: PoolPolicy,
  reboot: Reboot,
  kind: DecisionKind,
): Rejection | undefined {
  const what = kind === 'approve' ? 'approve this one' : 'decide on this one';
  const outsider = outsiderRefusal(person, what);
  if (outsider !== undefined) return refuse(outsider);
  if (pool.gone && !endingDecisions.has(kind))
    return refuse(
      `Pool ${pool.name} is no longer in the configuration. Name it again there, or end this reboot.`,
    );
  const { approvers } = pool;
  switch (approvers.kind) {
    case 'channel':
      if (person.channels.includes(pool.channel)) return undefined;
      return refuse(
        person.unknownChannels?.includes(pool.channel) === true
          ? `Slack does not tell Tugboot who is in the channel of pool ${pool.name}, and those decide on it. Nothing was decided. \`/reboot doctor\` says what is missing.`
          : `You cannot ${what}. Pool ${pool.name} is decided by those who are in its channel: join it first.`,
      );
    case 'nobody':
      return refuse(
        `Nobody may decide on pool ${pool.name} yet. Name approvers in the configuration, or write "approvers: channel" there.`,
      );
    case 'named': {
      const named =
        approvers.users.includes(person.id) ||
        approvers.groups.some((group) => person.groups.includes(group));
      if (named) return undefined;
      const needed = approvalsNeeded(pool, reboot.facts);
      return refuse(
        `You cannot ${what}. Pool ${pool.name} is decided by others (${needed} needed); the card names them. *Details* shows what it would do.`,
      );
    }
  }
}

/** Accounts that no policy can authorize; the sentence names who can decide instead. */
function outsiderRefusal(person: Person, what: string): string | undefined {
  if (person.bot) return `Apps cannot ${what}. A person has to.`;
  if (person.deactivated) return `This account is deactivated and cannot ${what}.`;
  if (person.foreign) return `You belong to another workspace and cannot ${what}. Ask somebody of this one.`;
  if (person.guest) return `Guests cannot ${what}. Ask a full member of this workspace.`;
  return undefined;
}

/**
 * Why a person may not pause or resume a pool, or request a reboot in it, as a sentence; undefined where they
 * may. Those who may decide on its reboots may. Without a pool it is about the cluster, and those who may
 * decide on any of its pools may.
 */
export function commandRefusal(
  caller: Caller,
  policy: Policy,
  pool?: PoolPolicy,
  what = 'pause or resume',
): string | undefined {
  const { person, channel } = caller;
  const outsider = outsiderRefusal(person, `${what} reboots`);
  if (outsider !== undefined) return outsider;
  const pools = pool ? [pool] : policy.pools;
  if (pools.some((each) => mayCommand(caller, each))) return undefined;
  if (pools.some((each) => each.approvers.kind === 'channel' && each.channel !== channel))
    return 'Type that in the channel that has the cards, where others can see it.';
  return pool
    ? `You cannot ${what} reboots of pool ${pool.name}: that is for those who may approve them.`
    : `You cannot ${what} reboots of the cluster: that is for those who may approve them.`;
}

function mayCommand({ person, channel }: Caller, { approvers, channel: cards }: PoolPolicy): boolean {
  switch (approvers.kind) {
    case 'nobody':
      return false;
    case 'channel':
      return channel === cards;
    case 'named':
      return (
        approvers.users.includes(person.id) || approvers.groups.some((group) => person.groups.includes(group))
      );
  }
}
