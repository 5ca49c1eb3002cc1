import { utcTime } from '../../../time/utc-text.ts';
import type { Blocker } from '../../blockers/blockers.ts';
import type { PackageWork } from '../../../nodes/node-report.ts';
import type { PoolPolicy } from '../../../policy/policy.ts';
import type { Decision } from '../../../state/decision.ts';
import type { In } from '../../../state/reboot.ts';
import { waitLimitAt } from '../../../deadlines/order-deadline.ts';
import { type Instant, inWords, toInstant } from '../../../time/time.ts';
import type { Situation } from '../../snapshot/snapshot.ts';

/**
 * A host that goes down while dpkg or rpm runs may not boot again. When the package manager takes longer than
 * waitForPackageManager, a person decides.
 */
export function packagesChanging(
  reboot: In<'Approved'>,
  situation: Situation,
): Blocker<'packages-changing'> | undefined {
  const { snapshot, pool, now } = situation;
  const { name } = reboot.node;
  const work = snapshot.packageWork?.get(name);
  if (work === undefined || mayGoAnyway(work, { decision: reboot.state.decision, pool, now }))
    return undefined;
  const limit = pool.gates.waitForPackageManager;
  const sentence = `Packages of ${name} are being changed since ${utcTime(toInstant(work.since))}: ${work.what}.`;
  const code = 'packages-changing';
  if (now < waitLimitAt(work, pool)) {
    const clears = `It starts when that is done. After ${inWords(limit)} a person is asked.`;
    return { code, sentence, clears };
  }
  return {
    code,
    sentence: `${sentence} That is longer than ${inWords(limit)}.`,
    clears: `Look at the node. To reboot it all the same: ${byPerson(reboot.state.decision) ? 'Cancel, Ask again, and approve it anew' : 'approve it on its card'}.`,
  };
}

interface StartContext {
  readonly decision: Decision | undefined;
  readonly pool: Pick<PoolPolicy, 'gates'>;
  readonly now: Instant;
}

/**
 * Whether the reboot continues although packages are being changed: the pool does not wait for them, or a
 * person approved it after the wait limit had passed.
 */
export function mayGoAnyway(work: PackageWork | undefined, { decision, pool, now }: StartContext): boolean {
  if (pool.gates.waitForPackageManager === 0) return true;
  if (work === undefined || now < waitLimitAt(work, pool)) return false;
  return decision !== undefined && byPerson(decision, waitLimitAt(work, pool));
}

const byPerson = ({ approvals }: Decision, since = 0): boolean =>
  approvals.some(({ by, at }) => (by.kind === 'user' || by.kind === 'kubernetes') && toInstant(at) >= since);
