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
import { type ServiceHarness, serviceHarness } from '../../fakes/service-harness.ts';

const many = 500;
const roomy = { concurrency: 2, maxUnavailable: { count: 2 } } as const;
const policyOf = (pool: Parameters<typeof aPool>[0]) =>
  aPolicy({ concurrency: 99, pools: [aPool({ digestFrom: 0, ...pool })] });

/** An approved Reboot, as another replica may have stored it. */
function approved(harness: ServiceHarness, node: string): Reboot {
  const view = aNode({ name: node, uid: `uid-${node}` });
  harness.cluster.addNode(view, { report: aReport({ bootId: view.bootId }) });
  const need = needOf(aReport(), harness.ports.hash, noon);
  const { digest, riskDigest } = need;
  const decision = aDecision({ digest, riskDigest });
  return harness.store.put(
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
async function crowd(): Promise<ServiceHarness> {
  const harness = serviceHarness(policyOf(roomy));
  for (let nth = 0; nth < many; nth += 1) approved(harness, `w${String(nth).padStart(3, '0')}`);
  harness.cluster.drains([]);
  await harness.queue.plan();
  await harness.settle();
  await harness.pass(second);
  expect(phases(harness, 'Draining')).toHaveLength(2);
  return harness;
}

const phases = (harness: ServiceHarness, phase: string): readonly string[] =>
  harness.store.all().flatMap(({ node, state }) => (state.phase === phase ? [node.name] : []));

/** What is read for a plan, each time. */
function countPlans(harness: ServiceHarness): () => number {
  let plans = 0;
  const { ledger } = harness;
  const latest = ledger.latest.bind(ledger);
  ledger.latest = async () => {
    plans += 1;
    return latest();
  };
  return () => plans;
}

/** The jobs until the harness is at rest. */
async function jobsOf(harness: ServiceHarness): Promise<readonly string[]> {
  const jobs: string[] = [];
  const add = harness.waiting.push.bind(harness.waiting);
  harness.waiting.push = (...added) => {
    jobs.push(...added.map(({ kind, id }) => `${kind} ${id}`));
    return add(...added);
  };
  await harness.settle();
  harness.waiting.push = add;
  return jobs;
}

describe('hundreds that wait', () => {
  it('cost one plan for a change, and no job and no request where it changes nothing for them', async () => {
    const harness = await crowd();
    const plans = countPlans(harness);
    harness.cluster.log.length = 0;
    harness.cluster.node('w499').labels = { ...harness.cluster.node('w499').labels, team: 'platform' };
    for (let change = 0; change < 10; change += 1) await harness.service.planChanged();
    expect(harness.waiting).toEqual([{ kind: 'plan', id: 'all' }]);
    expect(await jobsOf(harness)).toEqual([]);
    // Once more after a look at the ledger, which another bot may have written.
    expect(plans()).toBe(2);
    expect(harness.cluster.log).toEqual([]);
  });

  it('are left alone when a turn is freed: one of them is woken, and starts', async () => {
    const harness = await crowd();
    const [first = ''] = phases(harness, 'Draining');
    const plans = countPlans(harness);
    await harness.service.decide(`${first}-r`, { kind: 'cancel' }, aPerson());
    await harness.pass(second);
    expect(phases(harness, 'Draining')).toHaveLength(2);
    // The plan, and that of the start before its fresh reads; and one for those who show it.
    expect(plans()).toBeLessThanOrEqual(6);
    const asked = harness.cluster.log.length;
    await harness.pass(second);
    expect(harness.cluster.log.length).toBe(asked);
  });

  it('are each told once of what holds all of them', async () => {
    const harness = await crowd();
    await harness.pauses.put({ scope: { kind: 'cluster' } });
    await harness.service.planChanged();
    const jobs = await jobsOf(harness);
    const woken = jobs.filter((job) => job.startsWith('advance'));
    expect(woken).toHaveLength(many - 2);
    expect(jobs.filter((job) => job.startsWith('start'))).toEqual([]);
    await harness.service.planChanged();
    expect(await jobsOf(harness)).toEqual([]);
  });

  it('cost no plan where something under way comes on, and one where its phase changes', async () => {
    const harness = await crowd();
    // The watch caches keep the object of a node as long as its content is the same.
    const nodes = harness.cluster.nodes();
    harness.cluster.nodes = () => nodes;
    await harness.service.planChanged();
    await harness.settle();
    const running = harness.store.all().find(({ state }) => state.phase === 'Draining');
    if (!running || !isIn(running, 'Draining')) throw new Error('none drains');
    const drain = { at: at(1), total: 9, gone: 3, leaving: [], waiting: [], trouble: [] };
    harness.store.put({ ...running, state: { ...running.state, drain } });
    await harness.service.planChanged();
    expect(harness.waiting).toEqual([]);
    harness.store.put({ ...running, state: { ...running.state, since: at(2) } });
    await harness.service.planChanged();
    expect(harness.waiting).toEqual([{ kind: 'plan', id: 'all' }]);
  });

  it('are assessed before their turn comes, as many as may be out at once, each once', async () => {
    const harness = await crowd();
    const { cluster } = harness;
    cluster.log.length = 0;
    await harness.service.planChanged();
    await harness.settle();
    expect(cluster.log.filter((entry) => entry === 'assess')).toEqual([]);
    const assessed = (): readonly string[] =>
      harness.store
        .all()
        .flatMap(({ node, impact, state }) => (impact && state.phase === 'Approved' ? [node.name] : []));
    expect(assessed()).toEqual(['w002', 'w003']);
    const [first = ''] = phases(harness, 'Draining');
    await harness.service.decide(`${first}-r`, { kind: 'cancel' }, aPerson());
    await harness.pass(second);
    expect(phases(harness, 'Draining')).toContain('w002');
    expect(assessed()).toEqual(['w003', 'w004']);
    expect(cluster.log.filter((entry) => entry === 'assess')).toEqual(['assess']);
  });

  it('is nobody, where none is approved: nothing is planned', async () => {
    const harness = serviceHarness(policyOf(roomy));
    await harness.sentinel();
    const plans = countPlans(harness);
    expect(await harness.service.plan()).toEqual({ kind: 'nothing' });
    expect(plans()).toBe(0);
  });
});

describe('a plan', () => {
  /** The watch caches keep the object of a node as long as its content is the same. */
  function world() {
    const harness = serviceHarness(policyOf(roomy));
    const reboot = approved(harness, 'w1');
    let nodes = harness.cluster.nodes();
    const ports = {
      ...harness.ports,
      cluster: { ...harness.cluster, nodes: () => nodes },
      own: () => ({ pods: [], nodes: [...harness.ownNodes] }),
    };
    const changed = (): void => {
      nodes = harness.cluster.nodes();
    };
    return { harness, reboot, deps: withMemory(ports), changed };
  }

  it('is shared as long as nothing has changed', async () => {
    const { deps } = world();
    expect(await currentPlan(deps)).toBe(await currentPlan(deps));
  });

  it.each<[string, (at: ReturnType<typeof world>) => unknown]>([
    ['a Reboot', ({ harness, reboot }) => harness.store.touch(reboot.name)],
    ['a node', ({ changed }) => changed()],
    ['a pause', ({ harness }) => harness.pauses.put({ scope: { kind: 'cluster' } })],
    ['the configuration', ({ harness }) => harness.policy(policyOf({ concurrency: 1 }))],
    [
      'the ledger',
      ({ harness, reboot }) =>
        harness.ledger.take(
          { reboot: reboot.name, node: 'w1', pool: 'workers', controlPlane: false, since: at(0) },
          { cluster: 9, pool: 9 },
        ),
    ],
    ['a record that cannot be read', ({ harness, reboot }) => harness.store.spoil(reboot.name, 'no phase')],
    ['the nodes of the bot', ({ harness }) => harness.ownNodes.push('w1')],
    ['Slack', ({ harness }) => (harness.chat.down = new Error('it is away'))],
    ['the time', ({ harness }) => harness.clock.advance(second)],
  ])('is made anew when %s has changed', async (_, change) => {
    const given = world();
    const before = await currentPlan(given.deps);
    await change(given);
    expect(await currentPlan(given.deps)).not.toBe(before);
  });

  it('serves what is shown for a moment, whatever changes', async () => {
    const { harness, deps, reboot } = world();
    const before = await recentPlan(deps);
    harness.store.touch(reboot.name);
    expect(await recentPlan(deps)).toBe(before);
    harness.clock.advance(second / 4);
    expect(await recentPlan(deps)).not.toBe(before);
  });
});

describe('a plan whose time comes', () => {
  it('is made when the window opens, for all that wait for it', async () => {
    const windows = [aWindow({ timeZone: 'UTC' })];
    const harness = serviceHarness(policyOf({ ...roomy, windows, approveNowOutsideWindow: false }));
    for (const node of ['w1', 'w2', 'w3']) approved(harness, node);
    await harness.queue.plan();
    await harness.settle();
    const timed = harness.wakes.filter(({ kind }) => kind === 'plan');
    expect(timed).toHaveLength(1);
    expect(harness.wakes.filter(({ kind }) => kind === undefined)).toEqual([]);
    await harness.pass((timed[0]?.at ?? 0) - harness.clock.now());
    expect(phases(harness, 'Approved')).toHaveLength(1);
  });
});

describe('a start that is at work', () => {
  /** Its reads take until `go`. */
  async function slow(ready: boolean) {
    const harness = serviceHarness(policyOf({}));
    const { name } = approved(harness, 'w1');
    const freshNodes = harness.cluster.freshNodes.bind(harness.cluster);
    const [reads, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    harness.cluster.freshNodes = async (...about) => {
      reads.resolve();
      await go.promise;
      return (await freshNodes(...about)).map((node) => ({ ...node, ready }));
    };
    const work = harness.service.start(name);
    await reads.promise;
    await harness.service.plan();
    return { harness, name, end: () => (go.resolve(), work) };
  }

  it('is not asked for once more by a plan that comes meanwhile', async () => {
    const { harness, end } = await slow(true);
    expect(harness.waiting).toEqual([]);
    expect((await end()).next).toBe('cordon');
    expect(harness.waiting.filter(({ kind }) => kind !== 'render')).toEqual([]);
  });

  it('asks for another plan where it is refused: the one that came may have known better', async () => {
    const { harness, end } = await slow(false);
    await end();
    expect(harness.waiting).toEqual([{ kind: 'plan', id: 'all' }]);
  });
});

describe('a start that is refused for what the plan does not see', () => {
  /** The node is not Ready, and the watch has not told. */
  function unseen() {
    const harness = serviceHarness(policyOf({}));
    const { name } = approved(harness, 'w1');
    let isSeen = false;
    let tries = 0;
    const freshNodes = harness.cluster.freshNodes.bind(harness.cluster);
    harness.cluster.freshNodes = async (...about) => {
      tries += 1;
      const nodes = await freshNodes(...about);
      return isSeen ? nodes : nodes.map((node) => ({ ...node, ready: false }));
    };
    return { harness, name, tries: () => tries, see: () => (isSeen = true) };
  }

  it('is not tried again and again, however often it is planned', async () => {
    const { harness, name, tries } = unseen();
    for (let change = 0; change < 20; change += 1) {
      await harness.queue.plan();
      await harness.settle();
    }
    expect(tries()).toBe(1);
    await harness.pass(minute);
    expect(tries()).toBeGreaterThan(3);
    expect(tries()).toBeLessThan(15);
    expect(harness.reboot(name).state.phase).toBe('Approved');
  });

  it('is tried again by itself, and starts then', async () => {
    const { harness, name, see } = unseen();
    await harness.queue.plan();
    await harness.settle();
    see();
    await harness.pass(second);
    expect(harness.reboot(name).state.phase).not.toBe('Approved');
  });

  it('does not come too late where another bot has given back the turn', async () => {
    const harness = serviceHarness(policyOf({}));
    const { name } = approved(harness, 'w1');
    const { ledger } = harness;
    const stale = {
      turns: [{ reboot: 'x', node: 'w9', pool: 'workers', controlPlane: false, since: at(0) }],
    };
    const [latest, read] = [ledger.latest.bind(ledger), ledger.read.bind(ledger)];
    ledger.latest = async () => stale;
    ledger.read = async () => {
      ledger.latest = latest;
      return read();
    };
    await harness.queue.plan();
    await harness.settle();
    expect(harness.reboot(name).state.phase).not.toBe('Approved');
  });

  it('is found by the next plan, if its job is lost', async () => {
    const harness = serviceHarness(policyOf({}));
    const { name } = approved(harness, 'w1');
    await harness.service.plan();
    expect(harness.waiting.splice(0)).toEqual([{ kind: 'start', id: name }]);
    await harness.service.resync();
    await harness.settle();
    expect(harness.reboot(name).state.phase).not.toBe('Approved');
  });
});

it('a gate is asked again for each that it holds, and no plan is needed for that', async () => {
  const harness = serviceHarness(policyOf(roomy));
  const { name } = approved(harness, 'w1');
  harness.gatekeeper.blocks.set('w1', [{ code: 'alerts-firing', sentence: 'A fires.', clears: 'It ends.' }]);
  await harness.queue.plan();
  await harness.settle();
  const asked = harness.gatekeeper.asked.length;
  await harness.pass(minute);
  expect(harness.gatekeeper.asked.length - asked).toBe(4);
  harness.gatekeeper.blocks.clear();
  await harness.pass(minute);
  expect(harness.reboot(name).state.phase).not.toBe('Approved');
});
