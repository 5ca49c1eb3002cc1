import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dueNotices, type UntoldNote } from '../../../src/reboot/signals/notices.ts';
import type { Chat } from '../../../src/reboot/ports/chat.ts';
import type { Cluster } from '../../../src/reboot/ports/cluster/cluster.ts';
import type { NodeNote } from '../../../src/reboot/nodes/node-note.ts';
import { minute, second, toTimestamp } from '../../../src/reboot/time/time.ts';
import { aNode, aPolicy, aPool, aReport, noon } from '../../fakes/builders.ts';
import { fakeClock } from '../../fakes/fake-clock.ts';
import { fakeCluster, type FakeCluster } from '../../fakes/cluster/fake-cluster.ts';
import { serviceHarness } from '../../fakes/service-harness.ts';
import { runsOf } from '../../property-runs.ts';

const limit = minute;
const pool = aPool({ unknownFor: limit });

const untold = (node: string, since: number, overrides: Partial<NodeNote> = {}): UntoldNote => ({
  node,
  nodeNote: { about: ['kernel'], since: toTimestamp(noon + since), ...overrides },
  pool,
  reason: 'x',
  lasts: limit,
});

const namesOf = (notes: readonly UntoldNote[], after: number): readonly (readonly string[])[] =>
  dueNotices(notes, noon + after).map((group) => group.map(({ node }) => node));

describe('what is told in one message', () => {
  it('is what began within a minute of the first, when the first has lasted and a minute has passed', () => {
    const notes = [untold('c', 61 * second), untold('b', minute), untold('a', 0)];
    expect(namesOf(notes, limit + minute - 1)).toEqual([]);
    expect(namesOf(notes, limit + minute)).toEqual([['a', 'b']]);
    expect(namesOf(notes, limit + 2 * minute + second)).toEqual([['a', 'b'], ['c']]);
  });

  it('is of one pool and about the same signals', () => {
    const other = { ...untold('b', 0), pool: aPool({ name: 'others', unknownFor: limit }) };
    const notes = [untold('a', 0), other, untold('c', 0, { about: [] })];
    expect(namesOf(notes, 2 * minute)).toEqual([['a'], ['b'], ['c']]);
  });

  it('is left to the replica that has begun it, with those that join it, and taken over when that does not end', () => {
    const notice = (key: string, at: number): Partial<NodeNote> => ({
      notice: { key, begun: toTimestamp(noon), at: toTimestamp(noon + at) },
    });
    const notes = [untold('a', 0, notice('k', 2 * minute)), untold('b', second)];
    expect(namesOf(notes, 4 * minute - 1)).toEqual([]);
    expect(namesOf(notes, 4 * minute)).toEqual([['a', 'b']]);
    // Two that were begun apart cannot become one any more.
    const apart = [untold('a', 0, notice('k', 0)), untold('b', 0, notice('l', 0))];
    expect(namesOf(apart, 2 * minute)).toEqual([['a'], ['b']]);
  });
});

const faults = ['dies', 'fails', 'freezes'].flatMap((what) => [`${what} before`, `${what} after`]);

interface Plan {
  /** The round from which each node's agent cannot read its signals; rounds are half a minute apart. */
  readonly blindAt: readonly number[];
  /** What happens to the first replica, at which of its requests about the notice. */
  readonly fault: string;
  readonly request: number;
  /** Of this node the second replica hears nothing until that round. */
  readonly deaf: { readonly node: number; readonly until: number };
}

const aPlan: fc.Arbitrary<Plan> = fc.record({
  blindAt: fc.array(fc.constantFrom(0, 1, 2), { minLength: 2, maxLength: 3 }).map((rounds) => [0, ...rounds]),
  fault: fc.constantFrom('none', ...faults),
  request: fc.integer({ min: 1, max: 9 }),
  deaf: fc.record({ node: fc.nat(2), until: fc.nat(18) }),
});

const never = (): Promise<never> => new Promise(() => undefined);

/**
 * Replicas that scan one cluster and post to one channel; every request and every watch event waits until the
 * scheduler lets it go.
 */
function twoReplicas(scheduler: fc.Scheduler, { fault, request, deaf }: Plan) {
  const clock = fakeClock();
  const cluster = fakeCluster(clock.now);
  const policy = aPolicy({ pools: [pool] });
  const { chat } = serviceHarness(policy, { clock });
  const met = { faults: 0, claims: 0 };
  const caches: Map<string, ReturnType<FakeCluster['agent']>>[] = [];
  const frozen: { readonly until: number; readonly thaw: () => void }[] = [];
  const freeze = (): Promise<void> =>
    new Promise((thaw) => frozen.push({ until: clock.now() + 3.5 * minute, thaw }));

  /** Each watch delivers a write with a delay of its own. */
  const publish = (node: string): void => {
    for (const [index, cache] of caches.entries()) {
      if (index === 1 && node === `worker-${deaf.node}` && clock.now() < noon + deaf.until * 30 * second)
        continue;
      void scheduler
        .schedule(Promise.resolve(), `watch ${node}`)
        .then(() => cache.set(node, cluster.agent(node)));
    }
  };

  const replica = (name: string, faulty: boolean) => {
    const cache = new Map(cluster.nodes().map((node) => [node.name, cluster.agent(node.name)]));
    caches.push(cache);
    const state = { dead: false, requests: 0 };
    const send = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
      if (state.dead) return never();
      await scheduler.schedule(Promise.resolve(), `${name} ${what}`);
      state.requests += what.startsWith('notice') ? 1 : 0;
      const now = faulty && fault !== 'none' && state.requests === request;
      if (now) met.faults += 1;
      if (now && fault.startsWith('dies')) state.dead = true;
      if (now && fault === 'fails before') throw new Error('no connection');
      if (state.dead && fault === 'dies before') return never();
      if (now && fault === 'freezes before') await freeze();
      const answer = await work();
      await scheduler.schedule(Promise.resolve(), `${name} ${what} answered`);
      if (state.dead) return never();
      if (now && fault === 'freezes after') await freeze();
      if (now && fault === 'fails after') throw new Error('the answer is lost');
      return answer;
    };
    const seen: Pick<Cluster, 'agent' | 'freshAgents' | 'writeNote'> = {
      agent: (node) => cache.get(node),
      freshAgents: () => send('list', () => cluster.freshAgents()),
      writeNote: (node, was, next) =>
        send(next?.notice === undefined ? 'note written' : 'notice noted', async () => {
          const answer = await cluster.writeNote(node, was, next);
          if (next?.notice !== undefined && was?.notice === undefined && answer === 'conflict')
            met.claims += 1;
          publish(node);
          return answer;
        }),
    };
    const told: Pick<Chat, 'hasNotice' | 'notify'> = {
      hasNotice: (place, begun) => send('notice looked for', () => chat.hasNotice(place, begun)),
      notify: (notice) => send('notice', () => chat.notify(notice)),
    };
    const harness = serviceHarness(policy, {
      clock,
      cluster: { ...cluster, ...seen },
      chat: { ...chat, ...told },
    });
    return { ...harness, state };
  };
  const thaw = (): void => {
    for (const each of frozen) if (each.until <= clock.now()) each.thaw();
  };
  return { clock, cluster, chat, met, publish, replica, thaw };
}

describe('two replicas that scan at the same moment', () => {
  it('tell of each node once and of all in one message, however they interleave and wherever one fails', async () => {
    const met = { faults: 0, claims: 0, runs: 0 };
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), aPlan, async (scheduler, plan) => {
        const world = twoReplicas(scheduler, plan);
        const names = plan.blindAt.map((_, index) => `worker-${index}`);
        for (const name of names)
          world.cluster.addNode(aNode({ name }), { report: aReport({ required: 'no', packages: [] }) });
        let replicas = [world.replica('one', true), world.replica('two', false)];
        for (let round = 0; round < 24; round += 1) {
          world.thaw();
          for (const name of names) world.publish(name);
          for (const [index, name] of names.entries()) {
            if (plan.blindAt[index] !== round) continue;
            world.cluster.agentOf(name).report = aReport({ required: 'unknown', packages: [] });
          }
          await scheduler.waitIdle();
          for (const { service } of replicas) void service.resync();
          await scheduler.waitIdle();
          // One that died is started again.
          replicas = replicas.map((each) => (each.state.dead ? world.replica('three', false) : each));
          world.clock.advance(30 * second);
        }
        met.runs += 1;
        met.faults += world.met.faults;
        met.claims += world.met.claims;
        expect(world.chat.notices.map(({ nodes }) => nodes.toSorted())).toEqual([names]);
        for (const name of names) expect(world.cluster.agentOf(name).unknownSignals?.told).toBe(true);
      }),
      { numRuns: runsOf(100) },
    );
    expect(met.faults / met.runs).toBeGreaterThan(0.3);
    expect(met.claims / met.runs).toBeGreaterThan(0.3);
  });
});
