/** Until when an order may stand. Its agent does not obey while a package manager works on its host. */
import type { NodeReport, PackageWork } from '../nodes/node-report.ts';
import type { PoolPolicy } from '../policy/policy.ts';
import type { In, Rebooting } from '../state/reboot.ts';
import { type Instant, toInstant, toTimestamp } from '../time/time.ts';

/** Until when a package manager is waited for. */
export const waitLimitAt = ({ since }: PackageWork, { gates }: Pick<PoolPolicy, 'gates'>): Instant =>
  toInstant(since) + gates.waitForPackageManager;

interface Answered {
  readonly report: NodeReport | undefined;
  readonly pool: PoolPolicy;
  readonly now: Instant;
}

/**
 * The deadline after what the agent reports. While the agent waits for a package manager, the deadline is the
 * end of that wait. When it obeys after a refusal, the boot has its full time. An agent that alternates
 * between both cannot move the deadline any further than one wait and one boot take.
 */
export function orderDeadline(
  { state, bootId }: In<'Rebooting'>,
  { report, pool, now }: Answered,
): Rebooting['deadline'] {
  const receipt = report?.order;
  if (receipt?.endBoot !== bootId) return state.deadline;
  const wanted = wantedDeadline(state, { receipt, report, pool, now });
  const most = toInstant(state.since) + pool.gates.waitForPackageManager + pool.rebootTimeout;
  const next = Math.min(wanted ?? 0, most);
  return next > toInstant(state.deadline) ? toTimestamp(next) : state.deadline;
}

function wantedDeadline(
  state: Rebooting,
  { receipt, report, pool, now }: Answered & { readonly receipt: NonNullable<NodeReport['order']> },
): Instant | undefined {
  if (receipt.state === 'obeying') return state.trouble === undefined ? undefined : now + pool.rebootTimeout;
  const work = report?.packageWork;
  return receipt.state === 'refused' && work?.active === true ? waitLimitAt(work, pool) : undefined;
}
