import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BlockerFacts, blockerFacts } from '../../../src/reboot/scheduling/blockers/blocker-facts.ts';
import { answersOf } from '../../../src/reboot/scheduling/gates/gate.ts';
import { gates } from '../../../src/reboot/scheduling/plan/gates.ts';
import { knownOf } from '../../../src/reboot/scheduling/snapshot/known.ts';
import { membersOf, type Situation } from '../../../src/reboot/scheduling/snapshot/snapshot.ts';
import { poolNamed } from '../../../src/reboot/policy/pools.ts';
import type { Reboot } from '../../../src/reboot/state/reboot.ts';
import { anyWorld, type World } from '../../fakes/arbitrary-plan.ts';
import { runsOf } from '../../property-runs.ts';

const runs = { numRuns: runsOf(100) };

function situationOf({ snapshot, policy, now }: World, reboot: Reboot): Situation | undefined {
  const pool = poolNamed(policy, reboot.pool);
  const members = membersOf(snapshot, policy);
  const known = knownOf(snapshot, members, policy.departing);
  return pool && { snapshot, policy, pool, members, known, now };
}

describe('the gates of the plan', () => {
  it('have names of their own', () => {
    expect(new Set(gates.map(({ name }) => name)).size).toBe(gates.length);
  });

  it('find every code of the plan', () => {
    const ofPlan = Object.entries<BlockerFacts>(blockerFacts).filter(([, { foundBy }]) => foundBy === 'plan');
    const found = new Set<string>(gates.flatMap(({ codes }) => codes));
    expect(ofPlan.map(([code]) => code).filter((code) => !found.has(code))).toEqual([]);
  });
});

/** Named one by one: a row that is changed by mistake changes the order of workers and control plane. */
describe.each([
  {
    holds: 'yes',
    has: [
      'the ledger can be read',
      'the records of nodes that are out can be read',
      'the control plane goes last',
      'a turn is free',
      'the pool has room',
    ],
  },
  { holds: 'soon', has: ['spacing', 'rollout stage'] },
  {
    holds: 'until-approved',
    has: [
      'the node watch is alive',
      'Slack can be reached',
      'the node is Ready',
      'no package manager runs',
      'a window is open',
      'it fits into the window',
      'no reboot loop',
      'the rule that approved it is in force',
      'its drain may be tried again',
      'the rollout is not halted',
    ],
  },
  {
    holds: 'no',
    has: [
      'the pool is not only observed',
      'no pause',
      'the node belongs to the pool',
      'the node stays',
      'the pool is not halted',
    ],
  },
])('the gates whose workers hold control-plane nodes: $holds', ({ holds, has }) => {
  it('are these, and no others', () => {
    expect(gates.filter((gate) => gate.holdsControlPlane === holds).map(({ name }) => name)).toEqual(has);
  });
});

describe.each(gates.filter((gate) => gate.holdsControlPlane === 'no'))('the gate "$name"', (gate) => {
  it('judges Reboots of every phase, since it lets control-plane nodes pass a worker without approval', () => {
    const phases = new Set<string>();
    const found = new Set<string>();
    fc.assert(
      fc.property(anyWorld, (world) => {
        for (const reboot of world.snapshot.reboots) {
          const situation = situationOf(world, reboot);
          if (situation === undefined) continue;
          phases.add(reboot.state.phase);
          for (const { code } of answersOf(gate.judge(reboot, situation))) found.add(code);
        }
      }),
      runs,
    );
    expect(phases.size).toBeGreaterThan(5);
    expect([...found].toSorted()).toEqual([...gate.codes].toSorted());
  });
});
