/** A pool of twenty nodes that goes in stages, and Reboots of it. */
import { membersOf, type Snapshot } from '../../../src/reboot/scheduling/snapshot/snapshot.ts';
import { plan } from '../../../src/reboot/scheduling/plan/plan.ts';
import type { Reboot, RebootState } from '../../../src/reboot/state/reboot.ts';
import { comparedBefore, type Rollout, rolloutOf } from '../../../src/reboot/rollout/rollout.ts';
import { rolloutView } from '../../../src/reboot/rollout/rollout-view.ts';
import { minute } from '../../../src/reboot/time/time.ts';
import { type WorkloadBefore } from '../../../src/reboot/nodes/workloads.ts';
import { stored } from '../../fakes/states.ts';
import { aDecision, aNode, aPolicy, aPool, aReboot, at, noon } from '../../fakes/builders.ts';

export const nodes = Array.from({ length: 20 }, (_, n) => aNode({ name: `n${n + 1}`, uid: `uid-n${n + 1}` }));
export const pool = aPool({
  concurrency: 9,
  maxUnavailable: { count: 9 },
  rollout: { canary: 1, bake: 30 * minute, batches: [10, 50, 100] },
});
export const policy = aPolicy({ concurrency: 9, pools: [pool] });

export const approved: RebootState = { phase: 'Approved', since: at(0), decision: aDecision() };
export const halt = {
  code: 'rollout-halted',
  sentence:
    'The rollout is halted: Deployment shop/cart has 1 of 3 pods ready; 3 were before n1 was rebooted.',
  clears: 'It goes on when it is as ready as before.',
} as const;
export const held: RebootState = { ...approved, blockers: stored([halt], 'gatekeeper', at(-minute)) };
export const succeeded = (ended: number, total = minute): RebootState => ({
  phase: 'Succeeded',
  since: at(ended),
  decision: aDecision(),
  cordon: 'us',
  newBootId: 'boot-2',
  kernel: '6.8.0-49-generic',
  pods: 1,
  took: { drain: 1, boot: 1, settle: 1, total },
});
export const cart = { kind: 'Deployment', namespace: 'shop', name: 'cart', ready: 3 } as const;
export const of = (node: string, state: RebootState, overrides: Partial<Reboot> = {}): Reboot =>
  aReboot({ name: `${node}-r`, node: { name: node, uid: `uid-${node}` }, state, ...overrides });
export const snapshotOf = (reboots: readonly Reboot[]): Snapshot => ({
  nodes,
  reboots,
  ledger: { turns: [] },
  heardAt: noon,
  pauses: [],
  ownNodes: [],
});
export function rolloutIn(reboots: readonly Reboot[]): Rollout {
  const snapshot = snapshotOf(reboots);
  const [first] = reboots;
  const rollout = first && rolloutOf(first, { pool, snapshot, members: membersOf(snapshot, policy) });
  if (!rollout) throw new Error('no rollout');
  return rollout;
}
export const planOf = (reboots: readonly Reboot[]) => plan(snapshotOf(reboots), policy, noon);
export const viewOf = (reboots: readonly Reboot[]) =>
  rolloutView(rolloutIn(reboots), { pool: 'workers', blocked: planOf(reboots).blocked, now: noon });
export const compared = (reboots: readonly Reboot[]): readonly WorkloadBefore[] =>
  comparedBefore(rolloutIn(reboots), noon);
