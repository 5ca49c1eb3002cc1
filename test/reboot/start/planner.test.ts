/** The plan is made once for a state of the world, and wakes only what starts or waits for something else. */
import { describe, expect, it } from 'vitest';
import { withMemory } from '../../../src/reboot/loop/deps.ts';
import { currentPlan, recentPlan } from '../../../src/reboot/start/plans.ts';
import { needOf } from '../../../src/reboot/signals/packages.ts';
import { isIn, type Reboot } from '../../../src/reboot/state/reboot.ts';
import { minute, second } from '../../../src/reboot/time/time.ts';
import {
  aDecision,
  aNode,
  aPerson,
  aPolicy,
  aPool,
  aReboot,
  aReport,
  at,
  aWindow,
  noon,
} from '../../fakes/builders.ts';
import { type FakeHouse, fakeHouse } from '../../fakes/fake-house.ts';

const many = 500;
const roomy = { concurrency: 2, maxUnavailable: { count: 2 } } as const;
const policyOf = (pool: Parameters<typeof aPool>[0]) =>
  aPolicy({ concurrency: 99, pools: [aPool({ digestFrom: 0, ...pool })] });

/** An approved Reboot, as another replica may have stored it. */
function approved(house: FakeHouse, node: string): Reboot {
  const view = aNode({ name: node, uid: `uid-${node}` });
  house.cluster.addNode(view, { report: aReport({ bootId: view.bootId }) });
  const need = needOf(aReport(), house.ports.digest, noon);
  const { digest, riskDigest } = need;
  const decision = aDecision({ digest, riskDigest });
  return house.store.put(
    aReboot({
      name: `${node}-r`,
      node: { name: node, uid: view.uid },
      bootId: view.bootId,
      need,
      state: { phase: 'Approved', since: at(0), decision },
    }),
  );
}

/** Hundreds that wait for a turn, at rest. */
async function crowd(): Promise<FakeHouse> {
  const house = fakeHouse(policyOf(roomy));
  for (let nth = 0; nth < many; nth += 1) approved(house, `w${String(nth).padStart(3, '0')}`);
  house.cluster.drains([]);
  await house.queue.plan();
  await house.settle();
  await house.pass(second);
  expect(phases(house, 'Draining')).toHaveLength(2);
  return house;
}

const phases = (house: FakeHouse, phase: string): readonly string[] =>
  house.store.all().flatMap(({ node, state }) => (state.phase === phase ? [node.name] : []));

/** What is read for a plan, each time. */
function countPlans(house: FakeHouse): () => number {
  let plans = 0;
  const { ledger } = house;
  const latest = ledger.latest.bind(ledger);
  ledger.latest = async () => {
    plans += 1;
    return latest();
  };
  return () => plans;
}

/** The jobs until the house is at rest. */
async function jobsOf(house: FakeHouse): Promise<readonly string[]> {
  const jobs: string[] = [];
  const add = house.waiting.push.bind(house.waiting);
  house.waiting.push = (...added) => {
    jobs.push(...added.map(({ kind, id }) => `${kind} ${id}`));
    return add(...added);
  };
  await house.settle();
  house.waiting.push = add;
  return jobs;
}

describe('hundreds that wait', () => {
  it('cost one plan for a change, and no job and no request where it changes nothing for them', async () => {
    const house = await crowd();
    const plans = countPlans(house);
    house.cluster.log.length = 0;
    house.cluster.node('w499').labels = { ...house.cluster.node('w499').labels, team: 'platform' };
    for (let change = 0; change < 10; change += 1) await house.service.planChanged();
    expect(house.waiting).toEqual([{ kind: 'plan', id: 'all' }]);
    expect(await jobsOf(house)).toEqual([]);
    // Once more after a look at the ledger, which another bot may have written.
    expect(plans()).toBe(2);
    expect(house.cluster.log).toEqual([]);
  });

  it('are left alone when a turn is freed: one of them is woken, and starts', async () => {
    const house = await crowd();
    const [first = ''] = phases(house, 'Draining');
    const plans = countPlans(house);
    await house.service.decide(`${first}-r`, { kind: 'cancel' }, aPerson());
    await house.pass(second);
    expect(phases(house, 'Draining')).toHaveLength(2);
    // The plan, and that of the start before its fresh reads; and one for those who show it.
    expect(plans()).toBeLessThanOrEqual(6);
    const asked = house.cluster.log.length;
    await house.pass(second);
    expect(house.cluster.log.length).toBe(asked);
  });

  it('are each told once of what holds all of them', async () => {
    const house = await crowd();
    await house.pauses.put({ scope: { kind: 'cluster' } });
    await house.service.planChanged();
    const jobs = await jobsOf(house);
    const woken = jobs.filter((job) => job.startsWith('advance'));
    expect(woken).toHaveLength(many - 2);
    expect(jobs.filter((job) => job.startsWith('start'))).toEqual([]);
    await house.service.planChanged();
    expect(await jobsOf(house)).toEqual([]);
  });

  it('cost no plan where something under way comes on, and one where its phase changes', async () => {
    const house = await crowd();
    // The watch caches keep the object of a node as long as its content is the same.
    const nodes = house.cluster.nodes();
    house.cluster.nodes = () => nodes;
    await house.service.planChanged();
    await house.settle();
    const running = house.store.all().find(({ state }) => state.phase === 'Draining');
    if (!running || !isIn(running, 'Draining')) throw new Error('none drains');
    const drain = { at: at(1), total: 9, gone: 3, leaving: [], waiting: [], trouble: [] };
    house.store.put({ ...running, state: { ...running.state, drain } });
    await house.service.planChanged();
    expect(house.waiting).toEqual([]);
    house.store.put({ ...running, state: { ...running.state, since: at(2) } });
    await house.service.planChanged();
    expect(house.waiting).toEqual([{ kind: 'plan', id: 'all' }]);
  });

  it('are assessed before their turn comes, as many as may be out at once, each once', async () => {
    const house = await crowd();
    const { cluster } = house;
    cluster.log.length = 0;
    await house.service.planChanged();
    await house.settle();
    expect(cluster.log.filter((entry) => entry === 'assess')).toEqual([]);
    const assessed = (): readonly string[] =>
      house.store
        .all()
        .flatMap(({ node, impact, state }) => (impact && state.phase === 'Approved' ? [node.name] : []));
    expect(assessed()).toEqual(['w002', 'w003']);
    const [first = ''] = phases(house, 'Draining');
    await house.service.decide(`${first}-r`, { kind: 'cancel' }, aPerson());
    await house.pass(second);
    expect(phases(house, 'Draining')).toContain('w002');
    expect(assessed()).toEqual(['w003', 'w004']);
    expect(cluster.log.filter((entry) => entry === 'assess')).toEqual(['assess']);
  });

  it('is nobody, where none is approved: nothing is planned', async () => {
    const house = fakeHouse(policyOf(roomy));
    await house.sentinel();
    const plans = countPlans(house);
    expect(await house.service.plan()).toEqual({ kind: 'nothing' });
    expect(plans()).toBe(0);
  });
});

describe('a plan', () => {
  /** The watch caches keep the object of a node as long as its content is the same. */
  function world() {
    const house = fakeHouse(policyOf(roomy));
    const reboot = approved(house, 'w1');
    let nodes = house.cluster.nodes();
    const ports = {
      ...house.ports,
      cluster: { ...house.cluster, nodes: () => nodes },
      own: () => ({ pods: [], nodes: [...house.ownNodes] }),
    };
    const changed = (): void => {
      nodes = house.cluster.nodes();
    };
    return { house, reboot, deps: withMemory(ports), changed };
  }

  it('is shared as long as nothing has changed', async () => {
    const { deps } = world();
    expect(await currentPlan(deps)).toBe(await currentPlan(deps));
  });

  it.each<[string, (at: ReturnType<typeof world>) => unknown]>([
    ['a Reboot', ({ house, reboot }) => house.store.touch(reboot.name)],
    ['a node', ({ changed }) => changed()],
    ['a pause', ({ house }) => house.pauses.put({ scope: { kind: 'cluster' } })],
    ['the configuration', ({ house }) => house.policy(policyOf({ concurrency: 1 }))],
    [
      'the ledger',
      ({ house, reboot }) =>
        house.ledger.take(
          { reboot: reboot.name, node: 'w1', pool: 'workers', controlPlane: false, since: at(0) },
          { cluster: 9, pool: 9 },
        ),
    ],
    ['a record that cannot be read', ({ house, reboot }) => house.store.spoil(reboot.name, 'no phase')],
    ['the nodes of the bot', ({ house }) => house.ownNodes.push('w1')],
    ['Slack', ({ house }) => (house.chat.down = new Error('it is away'))],
    ['the time', ({ house }) => house.clock.advance(second)],
  ])('is made anew when %s has changed', async (_, change) => {
    const given = world();
    const before = await currentPlan(given.deps);
    await change(given);
    expect(await currentPlan(given.deps)).not.toBe(before);
  });

  it('serves what is shown for a moment, whatever changes', async () => {
    const { house, deps, reboot } = world();
    const before = await recentPlan(deps);
    house.store.touch(reboot.name);
    expect(await recentPlan(deps)).toBe(before);
    house.clock.advance(second / 4);
    expect(await recentPlan(deps)).not.toBe(before);
  });
});

describe('a plan whose time comes', () => {
  it('is made when the window opens, for all that wait for it', async () => {
    const windows = [aWindow({ timeZone: 'UTC' })];
    const house = fakeHouse(policyOf({ ...roomy, windows, approveNowOutsideWindow: false }));
    for (const node of ['w1', 'w2', 'w3']) approved(house, node);
    await house.queue.plan();
    await house.settle();
    const timed = house.wakes.filter(({ kind }) => kind === 'plan');
    expect(timed).toHaveLength(1);
    expect(house.wakes.filter(({ kind }) => kind === undefined)).toEqual([]);
    await house.pass((timed[0]?.at ?? 0) - house.clock.now());
    expect(phases(house, 'Approved')).toHaveLength(1);
  });
});

describe('a start that is at work', () => {
  /** Its reads take until `go`. */
  async function slow(ready: boolean) {
    const house = fakeHouse(policyOf({}));
    const { name } = approved(house, 'w1');
    const freshNodes = house.cluster.freshNodes.bind(house.cluster);
    const [reads, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    house.cluster.freshNodes = async (...about) => {
      reads.resolve();
      await go.promise;
      return (await freshNodes(...about)).map((node) => ({ ...node, ready }));
    };
    const work = house.service.start(name);
    await reads.promise;
    await house.service.plan();
    return { house, name, end: () => (go.resolve(), work) };
  }

  it('is not asked for once more by a plan that comes meanwhile', async () => {
    const { house, end } = await slow(true);
    expect(house.waiting).toEqual([]);
    expect((await end()).next).toBe('cordon');
    expect(house.waiting.filter(({ kind }) => kind !== 'render')).toEqual([]);
  });

  it('asks for another plan where it is refused: the one that came may have known better', async () => {
    const { house, end } = await slow(false);
    await end();
    expect(house.waiting).toEqual([{ kind: 'plan', id: 'all' }]);
  });
});

describe('a start that is refused for what the plan does not see', () => {
  /** The node is not Ready, and the watch has not told. */
  function unseen() {
    const house = fakeHouse(policyOf({}));
    const { name } = approved(house, 'w1');
    let isSeen = false;
    let tries = 0;
    const freshNodes = house.cluster.freshNodes.bind(house.cluster);
    house.cluster.freshNodes = async (...about) => {
      tries += 1;
      const nodes = await freshNodes(...about);
      return isSeen ? nodes : nodes.map((node) => ({ ...node, ready: false }));
    };
    return { house, name, tries: () => tries, see: () => (isSeen = true) };
  }

  it('is not tried again and again, however often it is planned', async () => {
    const { house, name, tries } = unseen();
    for (let change = 0; change < 20; change += 1) {
      await house.queue.plan();
      await house.settle();
    }
    expect(tries()).toBe(1);
    await house.pass(minute);
    expect(tries()).toBeGreaterThan(3);
    expect(tries()).toBeLessThan(15);
    expect(house.reboot(name).state.phase).toBe('Approved');
  });

  it('is tried again by itself, and starts then', async () => {
    const { house, name, see } = unseen();
    await house.queue.plan();
    await house.settle();
    see();
    await house.pass(second);
    expect(house.reboot(name).state.phase).not.toBe('Approved');
  });

  it('does not come too late where another bot has given back the turn', async () => {
    const house = fakeHouse(policyOf({}));
    const { name } = approved(house, 'w1');
    const { ledger } = house;
    const stale = {
      turns: [{ reboot: 'x', node: 'w9', pool: 'workers', controlPlane: false, since: at(0) }],
    };
    const [latest, read] = [ledger.latest.bind(ledger), ledger.read.bind(ledger)];
    ledger.latest = async () => stale;
    ledger.read = async () => {
      ledger.latest = latest;
      return read();
    };
    await house.queue.plan();
    await house.settle();
    expect(house.reboot(name).state.phase).not.toBe('Approved');
  });

  it('is found by the next plan, if its job is lost', async () => {
    const house = fakeHouse(policyOf({}));
    const { name } = approved(house, 'w1');
    await house.service.plan();
    expect(house.waiting.splice(0)).toEqual([{ kind: 'start', id: name }]);
    await house.service.resync();
    await house.settle();
    expect(house.reboot(name).state.phase).not.toBe('Approved');
  });
});

it('a gate is asked again for each that it holds, and no plan is needed for that', async () => {
  const house = fakeHouse(policyOf(roomy));
  const { name } = approved(house, 'w1');
  house.gatekeeper.blocks.set('w1', [{ code: 'alerts-firing', sentence: 'A fires.', clears: 'It ends.' }]);
  await house.queue.plan();
  await house.settle();
  const asked = house.gatekeeper.asked.length;
  await house.pass(minute);
  expect(house.gatekeeper.asked.length - asked).toBe(4);
  house.gatekeeper.blocks.clear();
  await house.pass(minute);
  expect(house.reboot(name).state.phase).not.toBe('Approved');
});
