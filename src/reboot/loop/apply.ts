import type { Rejection } from '../approval/decision-request.ts';
import { lostHook, noHooks } from '../deadlines/hook-waits.ts';
import { sentinelSignal } from '../policy/pool-signal.ts';
import type { Approvers, PoolPolicy } from '../policy/policy.ts';
import { poolNamed } from '../policy/pools.ts';
import { PortError } from '../ports/port-error.ts';
import type { Reboot } from '../state/reboot.ts';
import type { RebootEvent } from '../machine/events/events.ts';
import { transition } from '../machine/transition.ts';
import type { ServiceDeps } from './deps.ts';
import { logTransition } from './transition-log.ts';

export type Applied =
  | { readonly outcome: 'saved' | 'unchanged'; readonly reboot: Reboot }
  | { readonly outcome: 'rejected'; readonly reboot: Reboot; readonly rejection: Rejection }
  | { readonly outcome: 'gone' };

/** Few writers change a Reboot. This many lost compare-and-swaps in a row are a fault. */
const tries = 8;

/** Chooses the event for a stored Reboot, or rejects. */
export type Decide = (reboot: Reboot, pool: PoolPolicy) => RebootEvent | Rejection;

export const isRejection = (answer: RebootEvent | Rejection): answer is Rejection =>
  'code' in answer && 'sentence' in answer && !('type' in answer);

/**
 * Applies an event to the stored Reboot by compare-and-swap. After a conflict it starts over on a newer one,
 * so `decide` runs again for each attempt. Throws a retryable `PortError` (`conflict`) after 8 conflicts.
 */
export async function apply(deps: ServiceDeps, name: string, decide: RebootEvent | Decide): Promise<Applied> {
  let tried: string | undefined;
  for (let attempt = 0; attempt < tries; attempt += 1) {
    const known = await newerThan(deps, name, tried);
    const reboot = known ?? (await deps.store.get(name));
    if (!reboot) return { outcome: 'gone' };
    const applied = await applyTo(deps, reboot, decide);
    tried = reboot.version;
    if (applied === 'conflict') continue;
    // The cached Reboot may be stale. Only a successful save proves otherwise; any other outcome is repeated
    // on a fresh read.
    if (known === undefined || applied.outcome === 'saved') return applied;
  }
  throw new PortError('conflict', `Reboot ${name} was changed by others ${tries} times in a row.`, {
    retryable: true,
  });
}

/**
 * The latest known Reboot, unless it is the one that was tried. Most conflicts are with this process's own
 * writes, whose answers it knows.
 */
export async function newerThan(
  deps: ServiceDeps,
  name: string,
  tried: string | undefined,
): Promise<Reboot | undefined> {
  const known = await deps.store.latest(name);
  return known?.version === tried ? undefined : known;
}

/** One attempt, on a Reboot that the caller has just read. */
export async function applyTo(
  deps: ServiceDeps,
  reboot: Reboot,
  decide: RebootEvent | Decide,
): Promise<Applied | 'conflict'> {
  const pool = poolFor(deps, reboot);
  const event = typeof decide === 'function' ? decide(reboot, pool) : decide;
  if (isRejection(event)) return { outcome: 'rejected', reboot, rejection: event };
  const step = transition(reboot, event, { pool, now: deps.clock.now() });
  if (!step.ok) return { outcome: 'rejected', reboot, rejection: step.rejection };
  if (step.reboot === reboot) return { outcome: 'unchanged', reboot };
  const saved = await deps.store.save(step.reboot);
  if (saved === 'conflict') return 'conflict';
  if (saved === 'gone') return { outcome: 'gone' };
  deps.meter.saved(reboot, saved);
  if (lostHook(step.reboot.state, saved.state)) return applyTo(deps, saved, { type: 'hook-lost' });
  logTransition(deps.logger.child(fieldsOf(saved)), { before: reboot, after: saved, event: event.type });
  return { outcome: 'saved', reboot: saved };
}

/** The fields of every log line about a Reboot. */
export const fieldsOf = (reboot: Reboot) => ({
  reboot: reboot.name,
  node: reboot.node.name,
  pool: reboot.pool,
  phase: reboot.state.phase,
});

/**
 * The policy for a Reboot. If its pool is gone from the configuration, the Reboot is still finished, under
 * the strictest limits: people may only end it, and no drain starts (plan.ts).
 */
export function poolFor(deps: ServiceDeps, reboot: Pick<Reboot, 'pool'>): PoolPolicy {
  const policy = deps.policy();
  const named = poolNamed(policy, reboot.pool);
  if (named) return named;
  const [first] = policy.pools;
  if (!first)
    throw new PortError('cluster-invalid', 'The configuration names no pool.', { retryable: false });
  return {
    ...first,
    name: reboot.pool,
    gone: true,
    approval: 'manual',
    reasonFor: [],
    // People must be able to end it.
    approvers: anyOf(policy.pools),
    signals: [sentinelSignal],
    windows: [],
    hooks: noHooks,
    concurrency: 1,
    maxUnavailable: { count: 1 },
    // Permissions of another pool to lose data do not apply here.
    drain: { ...first.drain, deleteEmptyDirData: false, podsWithoutController: 'refuse', onTimeout: 'undo' },
  };
}

/** All approvers of all pools. */
function anyOf(pools: readonly PoolPolicy[]): Approvers {
  const all = pools.map(({ approvers }) => approvers);
  if (all.some(({ kind }) => kind === 'channel')) return { kind: 'channel' };
  const named = all.filter((approvers) => approvers.kind === 'named');
  if (named.length === 0) return { kind: 'nobody' };
  return {
    kind: 'named',
    users: [...new Set(named.flatMap(({ users }) => users))],
    groups: [...new Set(named.flatMap(({ groups }) => groups))],
  };
}
