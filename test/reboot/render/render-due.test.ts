/** When a card is rendered: when what it shows has changed, and until that has succeeded. */
import { describe, expect, it } from 'vitest';
import { minute, second } from '../../../src/reboot/time/time.ts';
import { recorder } from '../../../src/reboot/loop/outcome.ts';
import { schedule } from '../../../src/reboot/service/schedule.ts';
import { PortError } from '../../../src/reboot/ports/port-error.ts';
import { aPerson, aPolicy, aPool, noon } from '../../fakes/builders.ts';
import { type FakeHouse, fakeHouse } from '../../fakes/fake-house.ts';
import { fakeQueue } from '../../fakes/fake-queue.ts';

/** Resyncs; returns how often the card was rendered. */
async function rendersOf(house: FakeHouse): Promise<number> {
  const show = house.chat.show.bind(house.chat);
  let renders = 0;
  house.chat.show = async (...args) => {
    renders += 1;
    return show(...args);
  };
  await house.service.resync();
  await house.settle();
  house.chat.show = show;
  return renders;
}

describe('a card', () => {
  it('is rendered once by a process that does not know what it shows, and not again', async () => {
    const house = fakeHouse();
    await house.sentinel();
    const restarted = fakeHouse(undefined, { clock: house.clock, cluster: house.cluster });
    for (const reboot of house.store.all()) restarted.store.put(reboot);
    expect(await rendersOf(restarted)).toBe(1);
    expect(await rendersOf(restarted)).toBe(0);
  });

  it('is rendered when what it shows has changed', async () => {
    const house = fakeHouse();
    await house.sentinel();
    house.policy(aPolicy({ pools: [aPool({ approvers: { kind: 'nobody' } })] }));
    expect(await rendersOf(house)).toBe(1);
  });

  it('is rendered by a resync after a render was lost', async () => {
    const house = fakeHouse();
    const { name } = await house.sentinel();
    await house.service.decide(name, { kind: 'deny', reason: 'release' }, aPerson());
    house.waiting.length = 0;
    expect(house.chat.shown.get(name)?.reboot.state.phase).toBe('Pending');
    expect(await rendersOf(house)).toBe(1);
    expect(house.chat.shown.get(name)?.reboot.state.phase).toBe('Denied');
  });

  it('is rendered by a resync after Slack was away', async () => {
    const house = fakeHouse();
    const { name } = await house.sentinel();
    await house.service.decide(name, { kind: 'deny', reason: 'release' }, aPerson());
    house.chat.down = new PortError('chat-unreachable', 'Slack cannot be reached.', { retryable: true });
    await house.settle();
    house.chat.down = undefined;
    // The retry is lost with the queue.
    house.waiting.length = 0;
    expect(house.chat.shown.get(name)?.reboot.state.phase).toBe('Pending');
    expect(await rendersOf(house)).toBe(1);
  });

  it('is rendered again after a while, since another replica may have rendered an earlier state', async () => {
    const house = fakeHouse();
    await house.sentinel();
    await rendersOf(house);
    house.clock.advance(4 * minute);
    expect(await rendersOf(house)).toBe(0);
    house.clock.advance(11 * minute);
    expect(await rendersOf(house)).toBeGreaterThan(0);
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
