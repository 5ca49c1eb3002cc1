/**
 * Stories in which a reboot would have happened that nobody wanted, or none would ever have happened again.
 */
import { describe, expect, it } from 'vitest';
import type { Blocker } from '../../../src/reboot/scheduling/blockers/blockers.ts';
import type { PoolPolicy } from '../../../src/reboot/policy/policy.ts';
import { PortError } from '../../../src/reboot/ports/port-error.ts';
import { hour, minute } from '../../../src/reboot/time/time.ts';
import { transition } from '../../../src/reboot/machine/transition.ts';
import { aNode, aPerson, aPolicy, aPool, aReport, aWindow, mia, noon } from '../../fakes/builders.ts';
import { type FakeHouse, fakeHouse } from '../../fakes/fake-house.ts';
import { draining, inState } from '../../fakes/states.ts';

const firing: Blocker = { code: 'alerts-firing', sentence: 'Alert A is active.', clears: 'It clears.' };

async function approve(house: FakeHouse, name: string, mode: 'now' | 'window' = 'now') {
  const { digest } = house.reboot(name).need;
  const result = await house.service.decide(name, { kind: 'approve', mode, digest }, aPerson());
  await house.settle();
  return result;
}
const phase = (house: FakeHouse, name: string): string => house.reboot(name).state.phase;
const one = (pool: Partial<PoolPolicy>) => aPolicy({ pools: [aPool(pool)] });

describe('a configuration that is read again', () => {
  it('and has lost its windows, does not start what waits for one', async () => {
    const windows = [aWindow()];
    const house = fakeHouse(one({ windows, approveNowOutsideWindow: false }));
    const { name } = await house.sentinel({ name: 'w1' });
    await approve(house, name, 'window');
    house.policy(one({ windows: [] }));
    await house.service.resync();
    await house.settle();
    expect(phase(house, name)).toBe('Approved');
    expect(house.chat.shown.get(name)?.blockers).toMatchObject([
      { sentence: 'It was approved for a window, and pool workers has none any more.' },
    ]);
  });

  it('and has lost its rule, does not start what only the rule approved, until a person does', async () => {
    const house = fakeHouse(one({ approval: 'auto' }));
    house.gatekeeper.blocks.set('w1', [firing]);
    const { name } = await house.sentinel({ name: 'w1' });
    await house.pass(minute);
    expect(phase(house, name)).toBe('Approved');
    house.policy(one({ approval: 'manual' }));
    house.gatekeeper.blocks.clear();
    await house.pass(5 * minute);
    expect(phase(house, name)).toBe('Approved');
    expect(house.chat.shown.get(name)?.blockers).toMatchObject([{ code: 'rule-withdrawn' }]);
    expect(await approve(house, name)).toMatchObject({ ok: true });
    expect(phase(house, name)).not.toBe('Approved');
  });

  it('and has lost a pool, ends nothing of it by the signals of another, and lets people end it', async () => {
    const other = aPool({ name: 'other', selector: 'never=here' });
    const own = aPool({
      signals: [{ kind: 'annotation', name: 'example.com/please', key: 'example.com/please', value: 'yes' }],
    });
    const house = fakeHouse(aPolicy({ pools: [other, own] }));
    const annotations = { 'example.com/please': 'yes' };
    house.cluster.addNode(aNode({ name: 'w1', annotations }), {
      report: aReport({ required: 'no', packages: [], bootId: aNode().bootId }),
    });
    await house.queue.reconcileNode('w1');
    await house.settle();
    const [made] = house.store.all();
    if (made === undefined) throw new Error('no reboot was made');
    house.gatekeeper.blocks.set('w1', [firing]);
    await approve(house, made.name);
    house.policy(aPolicy({ pools: [other] }));
    await house.service.resync();
    await house.settle();
    expect(phase(house, made.name)).toBe('Approved');
    expect(await approve(house, made.name)).toMatchObject({ ok: false });
    const cancelled = await house.service.decide(made.name, { kind: 'cancel' }, aPerson());
    expect(cancelled).toMatchObject({ ok: true });
  });
});

it('a kernel that arrives after the approval of what a person asked for makes it lapse', async () => {
  const house = fakeHouse();
  const quiet = aReport({ required: 'no', packages: [], bootId: 'boot-1' });
  house.cluster.addNode(aNode({ name: 'w1', bootId: 'boot-1' }), { report: quiet });
  await house.service.request('w1', undefined, { person: aPerson(), channel: 'C0OPS' });
  await house.settle();
  const [made] = house.store.all();
  if (made === undefined) throw new Error('no reboot was made');
  house.gatekeeper.blocks.set('w1', [firing]);
  await approve(house, made.name);
  const kernel = { running: quiet.kernel.running, newest: '7.0.0-1-generic' };
  house.cluster.agentOf('w1').report = { ...quiet, kernel };
  await house.queue.reconcileNode('w1');
  await house.settle();
  expect(house.reboot(made.name).state).toMatchObject({ phase: 'Pending', lapse: {} });
});

it('a drain that is being undone can be cancelled for good', () => {
  const context = { pool: aPool(), now: noon };
  const undone = transition(inState(draining()), { type: 'undone', why: 'stuck' }, context);
  if (!undone.ok) throw new Error('not undone');
  const cancelled = transition(undone.reboot, { type: 'cancelled', by: mia }, context);
  if (!cancelled.ok) throw new Error('not cancelled');
  const cleaned = transition(cancelled.reboot, { type: 'cleaned-up' }, context);
  expect(cleaned.ok && cleaned.reboot).toMatchObject({
    state: { phase: 'Cancelled', by: mia },
    cleanup: { endedAt: expect.any(String) },
  });
});

describe('whoever is held back', () => {
  it('gives up a turn that an error had left with it, and the next node starts', async () => {
    const house = fakeHouse(one({ maxUnavailable: { count: 2 } }));
    const first = await house.sentinel({ name: 'w1' });
    const next = await house.sentinel({ name: 'w2' });
    const save = house.store.save.bind(house.store);
    house.store.save = async (reboot) => {
      if (reboot.state.phase === 'Draining')
        throw new PortError('cluster-unreachable', 'down', { retryable: true });
      return save(reboot);
    };
    await approve(house, first.name).catch(() => undefined);
    expect(house.ledger.now().turns).toHaveLength(1);
    house.store.save = save;
    house.gatekeeper.blocks.set('w1', [firing]);
    await approve(house, next.name);
    await house.service.resync();
    await house.settle();
    expect(house.ledger.now().turns.map(({ node }) => node)).not.toContain('w1');
    expect(phase(house, next.name)).not.toBe('Approved');
  });

  it('is asked about at a steady pace, also when the answer is another each time', async () => {
    const house = fakeHouse();
    const { name } = await house.sentinel({ name: 'w1' });
    let left = 300;
    house.gatekeeper.ask = async ({ node }) => {
      house.gatekeeper.asked.push(node.name);
      left -= 1;
      return [{ ...firing, sentence: `Not before ${left} s.` }];
    };
    await approve(house, name);
    await house.pass(minute);
    expect(house.gatekeeper.asked.length).toBeLessThanOrEqual(6);
  });
});

it('the loop guard of an automatic pool is no dead end: a person may take the reboot on', async () => {
  const house = fakeHouse(one({ approval: 'auto', loopGuard: hour, settleTime: minute }));
  const first = await house.sentinel({ name: 'w1' });
  await house.pass(minute);
  await house.boots('w1', 'boot-2');
  await house.pass(5 * minute);
  expect(phase(house, first.name)).toBe('Succeeded');
  house.cluster.agentOf('w1').report = aReport({ bootId: 'boot-2' });
  await house.queue.reconcileNode('w1');
  await house.settle();
  await house.pass(minute);
  const again = house.store.all().find(({ bootId }) => bootId === 'boot-2');
  if (again === undefined) throw new Error('it does not ask again');
  expect(house.chat.shown.get(again.name)?.blockers).toMatchObject([{ code: 'reboot-loop' }]);
  expect(await approve(house, again.name)).toMatchObject({ ok: true });
  expect(phase(house, again.name)).not.toBe('Approved');
});
