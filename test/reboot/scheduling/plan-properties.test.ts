/**
 * What holds of the plan for every cluster (test/fakes/arbitrary-plan.ts). The rules one by one are in
 * plan-table.test.ts.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Blocker } from '../../../src/reboot/scheduling/blockers/blockers.ts';
import { roomOf } from '../../../src/reboot/scheduling/gates/limits/room.ts';
import { turnFor } from '../../../src/reboot/scheduling/snapshot/snapshot.ts';
import { limitsOf } from '../../../src/reboot/scheduling/gates/limits/turn-limits.ts';
import { admit, withTurn } from '../../../src/reboot/scheduling/snapshot/ledger.ts';
import { type Plan, plan } from '../../../src/reboot/scheduling/plan/plan.ts';
import { mostOut, poolNamed, poolOf } from '../../../src/reboot/policy/pools.ts';
import type { Reboot } from '../../../src/reboot/state/reboot.ts';
import { anyWorld, type World } from '../../fakes/arbitrary-plan.ts';
import { clear, finishing } from './plan-table/clear.ts';
import { runsOf, outcomeCounts } from '../../property-runs.ts';

const runs = { numRuns: runsOf(250) };
const planOf = ({ snapshot, policy, now }: World): Plan => plan(snapshot, policy, now);
const rebootOf = ({ snapshot }: World, name: string): Reboot => {
  const found = snapshot.reboots.find((each) => each.name === name);
  if (!found) throw new Error(`a start of nothing: ${name}`);
  return found;
};
const holds = ({ snapshot }: World, name: string): boolean =>
  snapshot.ledger.turns.some((turn) => turn.reboot === name);
const at = (world: World, now: number): World => ({
  ...world,
  now,
  snapshot: { ...world.snapshot, heardAt: world.snapshot.heardAt + now - world.now },
});

/** The world when every start of the plan has been made. */
function started(world: World, { starts }: Plan): World {
  const { snapshot, policy, now } = world;
  const ledger = starts.reduce((held, name) => {
    const reboot = rebootOf(world, name);
    const pool = poolNamed(policy, reboot.pool);
    return pool ? withTurn(held, turnFor(reboot, { pool, nodes: snapshot.nodes, now })) : held;
  }, snapshot.ledger);
  return { ...world, snapshot: { ...snapshot, ledger } };
}

describe('whatever the cluster, the plan', () => {
  it('never exceeds a limit, when all that it starts is started', () => {
    let met = 0;
    fc.assert(
      fc.property(anyWorld, (world) => {
        const made = planOf(world);
        const { snapshot, policy } = started(world, made);
        const { turns } = snapshot.ledger;
        const fresh = turns.length - world.snapshot.ledger.turns.length;
        if (made.starts.length > 0) met += 1;
        if (fresh > 0) expect(turns.length).toBeLessThanOrEqual(policy.concurrency);
        for (const pool of policy.pools) {
          const mine = made.starts.filter((name) => rebootOf(world, name).pool === pool.name);
          if (mine.length === 0) continue;
          const members = snapshot.nodes.filter((node) => poolOf(policy, node)?.name === pool.name);
          const names = new Set(members.map(({ name }) => name));
          const held = turns.filter((turn) => turn.pool === pool.name || names.has(turn.node));
          const before = world.snapshot.ledger.turns.filter((turn) => held.includes(turn));
          if (held.length > before.length) {
            expect(held.length).toBeLessThanOrEqual(pool.concurrency);
            const zones = new Set(held.map(({ zone }) => zone));
            const known = new Set(before.map(({ zone }) => zone));
            if (pool.topology && zones.size > known.size)
              expect(zones.size).toBeLessThanOrEqual(pool.topology.atOnce);
          }
          const out = new Set(held.map(({ node }) => node).filter((name) => names.has(name)));
          for (const node of members) if (!node.ready || node.unschedulable) out.add(node.name);
          // Whatever was out already makes nothing worse.
          const disturbed = mine.some((name) => {
            const node = members.find((each) => each.name === rebootOf(world, name).node.name);
            return node?.ready === true && !node.unschedulable;
          });
          if (disturbed) expect(out.size).toBeLessThanOrEqual(mostOut(pool, members.length));
        }
      }),
      runs,
    );
    expect(met).toBeGreaterThan(runs.numRuns / 4);
  });

  it('never has two control-plane nodes out', () => {
    const met = outcomeCounts<'one starts' | 'one is out'>();
    fc.assert(
      fc.property(anyWorld, (world) => {
        const made = planOf(world);
        const fresh = made.starts.filter(
          (name) => rebootOf(world, name).facts.controlPlane && !holds(world, name),
        );
        const out = world.snapshot.ledger.turns.filter(({ controlPlane }) => controlPlane).length;
        met.saw('one starts', fresh.length > 0);
        met.saw('one is out', out > 0);
        if (fresh.length > 0) expect(fresh.length + out).toBe(1);
      }),
      runs,
    );
    met.atLeast({ 'one starts': runs.numRuns / 20, 'one is out': runs.numRuns / 20 });
  });

  it('starts only what the write that takes the turn admits, and leaves nothing that it would admit besides', () => {
    const met = outcomeCounts<'a start' | 'held for want of a turn'>();
    fc.assert(
      fc.property(anyWorld, (world) => {
        const { snapshot, policy, now } = world;
        const made = planOf(world);
        const admits = (name: string, ledger: World['snapshot']['ledger']): boolean => {
          const reboot = rebootOf(world, name);
          const pool = poolNamed(policy, reboot.pool);
          if (!pool) return false;
          const limits = { ...limitsOf(policy, pool), room: roomOf(snapshot, policy, pool) };
          return admit(ledger, turnFor(reboot, { pool, nodes: snapshot.nodes, now }), limits).taken;
        };
        made.starts.forEach((name, nth) => {
          met.saw('a start');
          const before = started(world, { ...made, starts: made.starts.slice(0, nth) });
          expect(admits(name, before.snapshot.ledger)).toBe(true);
        });
        const after = started(world, made).snapshot.ledger;
        for (const [name, blockers] of made.blocked)
          // Who has its turn from before a crash may find that too many are out by now.
          if (!holds(world, name) && blockers.every(({ code }) => forWantOfATurn.has(code))) {
            met.saw('held for want of a turn');
            expect(admits(name, after)).toBe(false);
          }
      }),
      runs,
    );
    met.atLeast({ 'a start': runs.numRuns / 4, 'held for want of a turn': runs.numRuns / 20 });
  });

  it('starts each approved Reboot or says why not, and says nothing of others', () => {
    const met = outcomeCounts<'started' | 'held' | 'not approved'>();
    fc.assert(
      fc.property(anyWorld, (world) => {
        const { starts, blocked } = planOf(world);
        expect(new Set(starts).size).toBe(starts.length);
        for (const { name, state } of world.snapshot.reboots) {
          const said = blocked.get(name);
          expect([starts.includes(name), said !== undefined].filter(Boolean)).toHaveLength(
            state.phase === 'Approved' ? 1 : 0,
          );
          met.saw(state.phase !== 'Approved' ? 'not approved' : said ? 'held' : 'started');
          if (said) expect(said.length).toBeGreaterThan(0);
          for (const { code, sentence, clears } of said ?? []) {
            expect(code).toMatch(/^[a-z-]+$/);
            expect(`${sentence}\n${clears}`).toMatch(/^\S.*\S\.\n\S.*\S\.$/);
          }
        }
      }),
      runs,
    );
    const floor = runs.numRuns / 4;
    met.atLeast({ started: floor, held: floor, 'not approved': floor });
  });

  it('is the same for the same input, in whatever order it comes: two bots tell the same', () => {
    const turned = fc.record({ world: anyWorld, seed: fc.infiniteStream(fc.nat(1000)) });
    fc.assert(
      fc.property(turned, ({ world, seed }) => {
        const shuffled = <T>(list: readonly T[]): readonly T[] =>
          list
            .map((each) => [seed.next().value, each] as const)
            .sort(([a], [b]) => a - b)
            .map(([, each]) => each);
        const { snapshot } = world;
        const other = {
          ...world,
          snapshot: {
            ...snapshot,
            nodes: shuffled(snapshot.nodes),
            reboots: shuffled(snapshot.reboots),
            ownNodes: shuffled(snapshot.ownNodes),
          },
        };
        const made = planOf(world);
        expect(planOf(world)).toEqual(made);
        expect(planOf(other)).toEqual(made);
        expect([...planOf(other).blocked.keys()]).toEqual([...made.blocked.keys()]);
      }),
      runs,
    );
  });

  it('leaves what it is given as it is', () => {
    fc.assert(
      fc.property(anyWorld, (world) => {
        const before = structuredClone(world);
        planOf(frozen(world));
        expect(world).toEqual(before);
      }),
      { numRuns: runsOf(75) },
    );
  });
});

describe('whatever the cluster, a blocker', () => {
  it('that says until when keeps the node from its start until then, and not longer', () => {
    let met = 0;
    fc.assert(
      fc.property(anyWorld, (world) => {
        for (const [name, blockers] of planOf(world).blocked)
          for (const { code, until } of blockers) {
            if (until === undefined) continue;
            met += 1;
            const told = (now: number): readonly Blocker[] => planOf(at(world, now)).blocked.get(name) ?? [];
            expect(until).toBeGreaterThan(world.now);
            expect(told(until - 1).some((each) => each.until === until)).toBe(true);
            expect(told(until).some((each) => each.code === code && each.until === until)).toBe(false);
          }
      }),
      runs,
    );
    expect(met).toBeGreaterThan(runs.numRuns / 10);
  });

  it('leads to a start when it is cleared: each reason in its turn, and none a second time while the clock stands still', () => {
    let met = 0;
    fc.assert(
      fc.property(anyWorld, (world) => {
        for (const name of planOf(world).blocked.keys()) {
          met += 1;
          startsInTheEnd(world, name);
        }
      }),
      runs,
    );
    expect(met).toBeGreaterThan(2 * runs.numRuns);
  });
});

/** Does what the first of its blockers asks for, until none is left. */
function startsInTheEnd(world: World, name: string): void {
  const told: string[] = [];
  let cleared = new Set<string>();
  let current = world;
  for (let step = 0; ; step += 1) {
    const made = planOf(current);
    const [blocker] = made.blocked.get(name) ?? [];
    if (blocker === undefined) {
      expect(made.starts).toContain(name);
      return;
    }
    told.push(`${blocker.code}: ${blocker.sentence}`);
    if (cleared.has(blocker.code) || step > 30) throw new Error(`${name} never starts:\n${told.join('\n')}`);
    const next = clear(current, name, blocker);
    // What time or the end of others brings about anew, such as a window that has closed meanwhile, is
    // another reason.
    cleared = next.now > current.now || finishing.has(blocker.code) ? new Set() : cleared.add(blocker.code);
    current = next;
  }
}

const forWantOfATurn: ReadonlySet<string> = new Set([
  'turn-taken',
  'cluster-turns-taken',
  'control-plane-busy',
  'zone-busy',
  'too-many-out',
]);

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(frozen);
  return value;
}
