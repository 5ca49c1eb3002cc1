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
import { type ServiceHarness, serviceHarness } from '../../fakes/service-harness.ts';
import { draining, inState } from '../../fakes/states.ts';

const firing: Blocker = { code: 'alerts-firing', sentence: 'Alert A is active.', clears: 'It clears.' };

async function approve(harness: ServiceHarness, name: string, mode: 'now' | 'window' = 'now') {
  const { digest } = harness.reboot(name).need;
  const result = await harness.service.decide(name, { kind: 'approve', mode, digest }, aPerson());
  await harness.settle();
  return result;
}
const phase = (harness: ServiceHarness, name: string): string => harness.reboot(name).state.phase;
const one = (pool: Partial<PoolPolicy>) => aPolicy({ pools: [aPool(pool)] });

describe('a configuration that is read again', () => {
  it('and has lost its windows, does not start what waits for one', async () => {
    const windows = [aWindow()];
    const harness = serviceHarness(one({ windows, approveNowOutsideWindow: false }));
    const { name } = await harness.sentinel({ name: 'w1' });
    await approve(harness, name, 'window');
    harness.policy(one({ windows: [] }));
    await harness.service.resync();
    await harness.settle();
    expect(phase(harness, name)).toBe('Approved');
    expect(harness.chat.cards.get(name)?.blockers).toMatchObject([
      { sentence: 'It was approved for a window, and pool workers has none any more.' },
    ]);
  });

  it('and has lost its rule, does not start what only the rule approved, until a person does', async () => {
    const harness = serviceHarness(one({ approval: 'auto' }));
    harness.gatekeeper.blocks.set('w1', [firing]);
    const { name } = await harness.sentinel({ name: 'w1' });
    await harness.pass(minute);
    expect(phase(harness, name)).toBe('Approved');
    harness.policy(one({ approval: 'manual' }));
    harness.gatekeeper.blocks.clear();
    await harness.pass(5 * minute);
    expect(phase(harness, name)).toBe('Approved');
    expect(harness.chat.cards.get(name)?.blockers).toMatchObject([{ code: 'rule-withdrawn' }]);
    expect(await approve(harness, name)).toMatchObject({ ok: true });
    expect(phase(harness, name)).not.toBe('Approved');
  });

  it('and has lost a pool, ends nothing of it by the signals of another, and lets people end it', async () => {
    const other = aPool({ name: 'other', selector: 'never=here' });
    const own = aPool({
      signals: [{ kind: 'annotation', name: 'example.com/please', key: 'example.com/please', value: 'yes' }],
    });
    const harness = serviceHarness(aPolicy({ pools: [other, own] }));
    const annotations = { 'example.com/please': 'yes' };
    harness.cluster.addNode(aNode({ name: 'w1', annotations }), {
      report: aReport({ required: 'no', packages: [], bootId: aNode().bootId }),
    });
    await harness.queue.reconcileNode('w1');
    await harness.settle();
    const [made] = harness.store.all();
    if (made === undefined) throw new Error('no reboot was made');
    harness.gatekeeper.blocks.set('w1', [firing]);
    await approve(harness, made.name);
    harness.policy(aPolicy({ pools: [other] }));
    await harness.service.resync();
    await harness.settle();
    expect(phase(harness, made.name)).toBe('Approved');
    expect(await approve(harness, made.name)).toMatchObject({ ok: false });
    const cancelled = await harness.service.decide(made.name, { kind: 'cancel' }, aPerson());
    expect(cancelled).toMatchObject({ ok: true });
  });
});

it('a kernel that arrives after the approval of what a person asked for makes it lapse', async () => {
  const harness = serviceHarness();
  const quiet = aReport({ required: 'no', packages: [], bootId: 'boot-1' });
  harness.cluster.addNode(aNode({ name: 'w1', bootId: 'boot-1' }), { report: quiet });
  await harness.service.request('w1', undefined, { person: aPerson(), channel: 'C0OPS' });
  await harness.settle();
  const [made] = harness.store.all();
  if (made === undefined) throw new Error('no reboot was made');
  harness.gatekeeper.blocks.set('w1', [firing]);
  await approve(harness, made.name);
  const kernel = { running: quiet.kernel.running, newest: '7.0.0-1-generic' };
  harness.cluster.agentOf('w1').report = { ...quiet, kernel };
  await harness.queue.reconcileNode('w1');
  await harness.settle();
  expect(harness.reboot(made.name).state).toMatchObject({ phase: 'Pending', lapse: {} });
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

describe('a Reboot that is held back', () => {
  it('gives up a turn that an error had left with it, and the next node starts', async () => {
    const harness = serviceHarness(one({ maxUnavailable: { count: 2 } }));
    const first = await harness.sentinel({ name: 'w1' });
    const next = await harness.sentinel({ name: 'w2' });
    const save = harness.store.save.bind(harness.store);
    harness.store.save = async (reboot) => {
      if (reboot.state.phase === 'Draining')
        throw new PortError('cluster-unreachable', 'down', { retryable: true });
      return save(reboot);
    };
    await approve(harness, first.name).catch(() => undefined);
    expect(harness.ledger.now().turns).toHaveLength(1);
    harness.store.save = save;
    harness.gatekeeper.blocks.set('w1', [firing]);
    await approve(harness, next.name);
    await harness.service.resync();
    await harness.settle();
    expect(harness.ledger.now().turns.map(({ node }) => node)).not.toContain('w1');
    expect(phase(harness, next.name)).not.toBe('Approved');
  });

  it('is asked about at a steady pace, also when the answer is another each time', async () => {
    const harness = serviceHarness();
    const { name } = await harness.sentinel({ name: 'w1' });
    let left = 300;
    harness.gatekeeper.ask = async ({ node }) => {
      harness.gatekeeper.asked.push(node.name);
      left -= 1;
      return [{ ...firing, sentence: `Not before ${left} s.` }];
    };
    await approve(harness, name);
    await harness.pass(minute);
    expect(harness.gatekeeper.asked.length).toBeLessThanOrEqual(6);
  });
});

it('the loop guard of an automatic pool is no dead end: a person may take the reboot on', async () => {
  const harness = serviceHarness(one({ approval: 'auto', loopGuard: hour, settleTime: minute }));
  const first = await harness.sentinel({ name: 'w1' });
  await harness.pass(minute);
  await harness.boots('w1', 'boot-2');
  await harness.pass(5 * minute);
  expect(phase(harness, first.name)).toBe('Succeeded');
  harness.cluster.agentOf('w1').report = aReport({ bootId: 'boot-2' });
  await harness.queue.reconcileNode('w1');
  await harness.settle();
  await harness.pass(minute);
  const again = harness.store.all().find(({ bootId }) => bootId === 'boot-2');
  if (again === undefined) throw new Error('it does not ask again');
  expect(harness.chat.cards.get(again.name)?.blockers).toMatchObject([{ code: 'reboot-loop' }]);
  expect(await approve(harness, again.name)).toMatchObject({ ok: true });
  expect(phase(harness, again.name)).not.toBe('Approved');
});
