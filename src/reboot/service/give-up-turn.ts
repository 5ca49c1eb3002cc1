import type { BlockerCode } from '../blockers.ts';
import { drainsSince, waitOf } from '../hooks.ts';
import { type In, isIn, type Reboot } from '../reboot.ts';
import { toInstant } from '../time.ts';
import { announce } from './announce.ts';
import { applyTo, poolFor } from './apply.ts';
import type { ServiceDeps } from './deps.ts';
import { planNow } from './start.ts';

/** What a turn that is given up would clear. */
const forWantOfATurn: ReadonlySet<BlockerCode> = new Set([
  'turn-taken',
  'cluster-turns-taken',
  'control-plane-busy',
  'zone-busy',
  'too-many-out',
] as const);

/**
 * Undoes a drain that budgets have held back for longer than its pool bears, where another node waits for nothing but a turn. Who has given one
 * up already is not given way to: two nodes that are stuck would evict each other's pods for ever.
 */
export async function giveUpTurn(deps: ServiceDeps, reboot: Reboot): Promise<Reboot | undefined> {
  const pool = poolFor(deps, reboot);
  if (!isIn(reboot, 'Draining') || pool.giveUpTurnAfter === 0 || !isStuck(reboot)) return undefined;
  if (deps.clock.now() - toInstant(drainsSince(reboot.state)) < pool.giveUpTurnAfter) return undefined;
  if (!(await somebodyWaits(deps, reboot))) return undefined;
  const applied = await applyTo(deps, reboot, { type: 'put-back', why: 'stuck' });
  if (applied === 'conflict' || applied.outcome !== 'saved') return undefined;
  await announce(deps, applied.reboot);
  return applied.reboot;
}

const isStuck = ({ state }: In<'Draining'>): boolean =>
  state.force === undefined && !waitOf(state) && (state.drain?.waiting.length ?? 0) > 0;

async function somebodyWaits(deps: ServiceDeps, { pool }: Reboot): Promise<boolean> {
  const { blocked } = await planNow(deps);
  return deps.store
    .all()
    .some(
      (other) =>
        other.pool === pool &&
        isIn(other, 'Approved') &&
        other.state.putBack?.why !== 'stuck' &&
        blocked.get(other.name)?.every(({ code }) => forWantOfATurn.has(code)) === true,
    );
}
