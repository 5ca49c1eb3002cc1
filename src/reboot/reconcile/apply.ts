import type { Rejection } from '../ports/decisions.ts';
import { lostHook, noHooks } from '../state/hook-waits.ts';
import { sentinelSignal } from '../signals/pool-signal.ts';
import type { Approvers, PoolPolicy } from '../policy/policy.ts';
import { poolNamed } from '../policy/pools.ts';
import { PortError } from '../ports/port-error.ts';
import type { Reboot } from '../state/reboot.ts';
import type { RebootEvent } from '../machine/events.ts';
import { transition } from '../machine/transition.ts';
import type { ServiceDeps } from '../loop/deps.ts';

export type Applied =
  | { readonly outcome: 'saved' | 'unchanged'; readonly reboot: Reboot }
  | { readonly outcome: 'rejected'; readonly reboot: Reboot; readonly rejection: Rejection }
  | { readonly outcome: 'gone' };

/** A Reboot is written by few; losing this often in a row means that something is wrong. */
const tries = 8;

/** What to do with a Reboot: an event, or none. */
export type Decide = (reboot: Reboot, pool: PoolPolicy) => RebootEvent | Rejection;

const isRejection = (answer: RebootEvent | Rejection): answer is Rejection =>
  'code' in answer && 'sentence' in answer && !('type' in answer);

/**
 * Applies an event to the stored Reboot under compare-and-swap. Who loses starts over with what the winner
 * wrote, so `decide` is asked again for every try.
 */
export async function apply(deps: ServiceDeps, name: string, decide: RebootEvent | Decide): Promise<Applied> {
  const known = await deps.store.latest(name);
  const first = known && (await applyTo(deps, known, decide));
  // Only a save proves that what was known was true: everything else is said on a fresh read.
  if (first && first !== 'conflict' && first.outcome === 'saved') return first;
  for (let attempt = 0; attempt < tries; attempt += 1) {
    const reboot = await deps.store.get(name);
    if (!reboot) return { outcome: 'gone' };
    const applied = await applyTo(deps, reboot, decide);
    if (applied !== 'conflict') return applied;
  }
  throw new PortError('conflict', `Reboot ${name} was changed by others ${tries} times in a row.`, {
    retryable: true,
  });
}

/** One try, on a Reboot that the caller has just read. */
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
  if (lostHook(step.reboot.state, saved.state)) return applyTo(deps, saved, { type: 'hook-lost' });
  if (saved.state.phase !== reboot.state.phase) {
    const change = { ...fieldsOf(saved), from: reboot.state.phase, event: event.type };
    // What went wrong is what somebody woken at night looks for first.
    if (saved.state.phase === 'Failed')
      deps.logger.error('reboot failed', { ...change, code: saved.state.code, why: saved.state.sentence });
    else deps.logger.info('reboot changed phase', change);
  }
  return { outcome: 'saved', reboot: saved };
}

/** The fields by which every log line about a Reboot can be found. */
export const fieldsOf = (reboot: Reboot) => ({
  reboot: reboot.name,
  node: reboot.node.name,
  pool: reboot.pool,
  phase: reboot.state.phase,
});

/**
 * A Reboot whose pool was taken out of the configuration still has to be carried to its end, with the limits
 * of the strictest kind: people may end it and do nothing else, and nothing of it starts (plan.ts).
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
    // Somebody has to be able to end it.
    approvers: anyOf(policy.pools),
    signals: [sentinelSignal],
    windows: [],
    hooks: noHooks,
    concurrency: 1,
    maxUnavailable: { count: 1 },
    // What another pool allows to be broken was never allowed here.
    drain: { ...first.drain, deleteEmptyDirData: false, podsWithoutController: 'refuse', onTimeout: 'undo' },
  };
}

/** Whoever may decide on one of the pools. */
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
