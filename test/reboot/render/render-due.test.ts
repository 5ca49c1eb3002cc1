/** When a card is rendered: when what it shows has changed, and until that has succeeded. */
import { describe, expect, it } from 'vitest';
import { minute, second } from '../../../src/reboot/time/time.ts';
import { recorder } from '../../../src/reboot/loop/outcome.ts';
import { schedule } from '../../../src/reboot/service/schedule.ts';
import { PortError } from '../../../src/reboot/ports/port-error.ts';
import { aPerson, aPolicy, aPool, noon } from '../../fakes/builders.ts';
import { type ServiceHarness, serviceHarness } from '../../fakes/service-harness.ts';
import { fakeQueue } from '../../fakes/ports/fake-queue.ts';

/** Resyncs; returns how often the card was rendered. */
async function rendersOf(harness: ServiceHarness): Promise<number> {
  const show = harness.chat.show.bind(harness.chat);
  let renders = 0;
  harness.chat.show = async (...args) => {
    renders += 1;
    return show(...args);
  };
  await harness.service.resync();
  await harness.settle();
  harness.chat.show = show;
  return renders;
}

describe('a card', () => {
  it('is rendered once by a process that does not know what it shows, and not again', async () => {
    const harness = serviceHarness();
    await harness.sentinel();
    const restarted = serviceHarness(undefined, { clock: harness.clock, cluster: harness.cluster });
    for (const reboot of harness.store.all()) restarted.store.put(reboot);
    expect(await rendersOf(restarted)).toBe(1);
    expect(await rendersOf(restarted)).toBe(0);
  });

  it('is rendered when what it shows has changed', async () => {
    const harness = serviceHarness();
    await harness.sentinel();
    harness.policy(aPolicy({ pools: [aPool({ approvers: { kind: 'nobody' } })] }));
    expect(await rendersOf(harness)).toBe(1);
  });

  it('is rendered by a resync after a render was lost', async () => {
    const harness = serviceHarness();
    const { name } = await harness.sentinel();
    await harness.service.decide(name, { kind: 'deny', reason: 'release' }, aPerson());
    harness.waiting.length = 0;
    expect(harness.chat.cards.get(name)?.reboot.state.phase).toBe('Pending');
    expect(await rendersOf(harness)).toBe(1);
    expect(harness.chat.cards.get(name)?.reboot.state.phase).toBe('Denied');
  });

  it('is rendered once more where its Reboot is over and this process has shown an earlier state', async () => {
    const harness = serviceHarness();
    const { name } = await harness.sentinel();
    // By another replica, whose render this one carried out before its watch had told it of the end.
    await harness.service.decide(name, { kind: 'cancel' }, aPerson());
    await harness.service.reconcile(name);
    harness.waiting.length = 0;
    await harness.service.rebootChanged(name);
    await harness.settle();
    expect(harness.chat.cards.get(name)?.reboot.state.phase).toBe('Cancelled');
    await harness.service.rebootChanged(name);
    expect(harness.waiting).toEqual([]);
  });

  it('is rendered by a resync after Slack was away', async () => {
    const harness = serviceHarness();
    const { name } = await harness.sentinel();
    await harness.service.decide(name, { kind: 'deny', reason: 'release' }, aPerson());
    harness.chat.down = new PortError('chat-unreachable', 'Slack cannot be reached.', { retryable: true });
    await harness.settle();
    harness.chat.down = undefined;
    // The retry is lost with the queue.
    harness.waiting.length = 0;
    expect(harness.chat.cards.get(name)?.reboot.state.phase).toBe('Pending');
    expect(await rendersOf(harness)).toBe(1);
  });

  it('is rendered again after a while, since another replica may have rendered an earlier state', async () => {
    const harness = serviceHarness();
    await harness.sentinel();
    await rendersOf(harness);
    harness.clock.advance(4 * minute);
    expect(await rendersOf(harness)).toBe(0);
    harness.clock.advance(11 * minute);
    expect(await rendersOf(harness)).toBeGreaterThan(0);
  });
});

describe('the outcome of a reconcile', () => {
  it('is scheduled after an error too, which fails the job', async () => {
    const jobs = fakeQueue(() => noon);
    const record = recorder('a', { queue: jobs.port, now: () => noon });
    await record.queue.render('a');
    await record.queue.render('a');
    await record.queue.reconcile('b');
    await record.queue.reconcile('a', noon + 2 * second);
    await record.queue.reconcile('a', noon + second);
    expect(jobs.waiting).toEqual([]);
    await expect(
      schedule(jobs.port, 'a', { ...record.outcome(), failure: { error: new Error('away') } }),
    ).rejects.toThrow('away');
    expect(jobs.waiting).toEqual([
      { kind: 'render', id: 'a' },
      { kind: 'advance', id: 'b' },
    ]);
    expect(jobs.wakes).toEqual([{ id: 'a', at: noon + second }]);
  });
});
