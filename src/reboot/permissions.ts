import type { DecisionKind, Rejection } from './decisions.ts';
import { approvalsNeeded } from './pools.ts';
import type { Person } from './ports.ts';
import type { PoolPolicy } from './policy.ts';
import type { Reboot } from './reboot.ts';

const refuse = (sentence: string): Rejection => ({ code: 'not-allowed', sentence });

/**
 * Whether a person may decide on a Reboot of a pool. Checked at every decision, on who they are now: a card that was shown to them
 * earlier proves nothing.
 */
export function refusal(
  person: Person,
  pool: PoolPolicy,
  reboot: Reboot,
  kind: DecisionKind,
): Rejection | undefined {
  const what = kind === 'approve' ? 'approve this one' : 'decide on this one';
  if (person.bot) return refuse(`Apps cannot ${what}. A person has to.`);
  if (person.deactivated) return refuse(`This account is deactivated and cannot ${what}.`);
  if (person.foreign) return refuse(`You belong to another workspace and cannot ${what}.`);
  if (person.guest) return refuse(`Guests cannot ${what}.`);
  const { approvers } = pool;
  switch (approvers.kind) {
    case 'channel':
      return undefined;
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
