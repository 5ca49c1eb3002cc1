import { describe, expect, it } from 'vitest';
import { PortError } from '../../../src/reboot/ports/port-error.ts';
import type { Reboot } from '../../../src/reboot/state/reboot.ts';
import type { Impact } from '../../../src/reboot/state/impact.ts';
import { hour, minute, second, toTimestamp } from '../../../src/reboot/time/time.ts';
import { replies } from '../../../src/bot/views/answers/replies.ts';
import { aNode, aPerson, aPolicy, aPool, aReport, aWindow, anImpact, noon } from '../../fakes/builders.ts';
import { type FakeHouse, fakeHouse } from '../../fakes/fake-house.ts';

const mia = aPerson();
const cart = { workload: 'Deployment shop/cart', wants: 1, ready: 1 };

/** What the next dry-runs find. */
function finds(house: FakeHouse, found: Partial<Impact>): { readonly count: () => number } {
  let asked = 0;
  house.cluster.assess = async (node, _policy, want) => {
    asked += 1;
    house.cluster.log.push(`assess ${node}${want?.fresh ? ' afresh' : ''}`);
    return {
      at: toTimestamp(house.clock.now()),
      podsToMove: 14,
      podsStaying: 2,
      blockedBy: [],
      lost: [],
      emptyDir: [],
      refusals: [],
      goesDown: [],
      ...found,
    };
  };
  return { count: () => asked };
}

/** The dry-run for the card of this Reboot is too old for its start. */
async function aMinuteAgo(house: FakeHouse): Promise<Reboot> {
  const reboot = await house.sentinel();
  house.clock.advance(minute);
  return reboot;
}

const approve = (house: FakeHouse, name: string, mode: 'now' | 'window' = 'now') =>
  house.service.decide(name, { kind: 'approve', mode, digest: house.reboot(name).need.digest }, mia);

/** What the thread tells of it. */
const told = (house: FakeHouse, name: string): readonly string[] =>
  replies({ ...shown(house, name), reboot: house.reboot(name) })
    .filter(({ key }) => key.startsWith('worse@'))
    .map(({ view }) => view.text);
function shown(house: FakeHouse, name: string) {
  const card = house.chat.shown.get(name);
  if (!card) throw new Error('no card');
  return card;
}

/** Sunday noon: its window opens in the night. */
const atNight = () => aPolicy({ pools: [aPool({ windows: [aWindow()] })] });

describe('an approval', () => {
  it('is taken without a look at the pods: what it would disturb is looked at afresh right after, before the start', async () => {
    const house = fakeHouse();
    const { name } = await aMinuteAgo(house);
    house.cluster.log.length = 0;
    const looks = finds(house, {});
    expect((await approve(house, name)).ok).toBe(true);
    expect(looks.count()).toBe(0);
    await house.settle();
    const steps = house.cluster.log.filter((entry) => /^(assess|cordon)/.test(entry));
    expect(steps).toEqual(['assess worker-03 afresh', 'cordon worker-03']);
  });

  it('is followed by none where the look for its card is less than a minute old', async () => {
    const house = fakeHouse();
    const { name } = await house.sentinel();
    house.clock.advance(59 * second);
    const looks = finds(house, {});
    await approve(house, name);
    await house.settle();
    expect(looks.count()).toBe(0);
    expect(house.reboot(name).state.phase).toBe('Rebooting');
  });

  it('is followed by one before the start where that look has become older in its wait', async () => {
    const house = fakeHouse(aPolicy({ pools: [aPool({ approval: 'auto', windows: [] })] }));
    house.gatekeeper.blocks.set('worker-03', [
      { code: 'alerts-firing', sentence: 'Alert A is active.', clears: 'It clears.' },
    ]);
    const { name } = await house.sentinel();
    expect(house.reboot(name).impact?.afterDecision).toBeUndefined();
    house.clock.advance(minute);
    house.gatekeeper.blocks.clear();
    house.cluster.log.length = 0;
    finds(house, {});
    await house.queue.reconcile(name);
    await house.settle();
    const steps = house.cluster.log.filter((entry) => /^(assess|cordon)/.test(entry));
    expect(steps).toEqual(['assess worker-03 afresh', 'cordon worker-03']);
    expect(house.reboot(name).impact?.afterDecision).toMatchObject({ lost: [], goesDown: [], refusals: [] });
  });

  it('of a node that is not Ready is followed by one at once: it confirms that it was approved as it is', async () => {
    const house = fakeHouse(atNight());
    finds(house, { nodeNotReady: true });
    const { name } = await house.sentinel();
    const looks = finds(house, { nodeNotReady: true });
    await approve(house, name, 'window');
    await house.settle();
    expect(looks.count()).toBe(1);
  });

  it('is followed by one look, whatever wakes it afterwards', async () => {
    const house = fakeHouse(atNight());
    const { name } = await aMinuteAgo(house);
    const looks = finds(house, {});
    await approve(house, name, 'window');
    await house.settle();
    for (let time = 0; time < 5; time += 1) {
      await house.queue.reconcile(name);
      await house.settle();
    }
    expect(looks.count()).toBe(1);
  });

  it('is followed by one look by a bot whose clock is behind that of the bot that took it', async () => {
    const house = fakeHouse(atNight());
    const { name } = await aMinuteAgo(house);
    house.clock.advance(10 * second);
    await approve(house, name, 'window');
    house.clock.set(house.clock.now() - 10 * second);
    const looks = finds(house, {});
    await house.settle();
    expect(looks.count()).toBe(1);
  });

  it('is followed by one look where an older definition of the Reboot drops what it found', async () => {
    const house = fakeHouse(atNight());
    const { name } = await aMinuteAgo(house);
    const looks = finds(house, { goesDown: [cart] });
    const save = house.store.save.bind(house.store);
    house.store.save = async (reboot) => {
      const { goesDown: _, room: __, afterDecision: ___, ...impact } = reboot.impact ?? anImpact();
      return save(reboot.impact ? { ...reboot, impact } : reboot);
    };
    await approve(house, name, 'window');
    // A look takes a moment.
    house.clock.advance(1);
    await house.settle();
    expect(looks.count()).toBe(1);
  });

  it('starts all the same when the look fails', async () => {
    const house = fakeHouse();
    const { name } = await aMinuteAgo(house);
    house.cluster.assess = async () => {
      throw new PortError('cluster-unreachable', 'away', { retryable: true });
    };
    await approve(house, name);
    await house.settle();
    expect(house.reboot(name).state.phase).toBe('Rebooting');
    expect(told(house, name)).toEqual([]);
  });

  it('says in the thread what has got worse since the card was read, and goes on', async () => {
    const house = fakeHouse();
    const { name } = await aMinuteAgo(house);
    finds(house, { goesDown: [cart], lost: ['default/debug'] });
    await approve(house, name);
    await house.settle();
    expect(house.reboot(name).state.phase).toBe('Rebooting');
    expect(told(house, name)).toEqual([
      'Found after the approval 1 pod would be lost: default/debug has no controller. Deployment shop/cart goes down: its only replica is here. That does not stop it; _Cancel_ does, before the reboot is ordered.',
    ]);
  });

  it('says nothing of what the card said already, nor of what has got better', async () => {
    const house = fakeHouse();
    finds(house, { goesDown: [cart], lost: ['default/debug', 'default/other'] });
    const { name } = await aMinuteAgo(house);
    finds(house, { goesDown: [cart], lost: ['default/debug'] });
    await approve(house, name);
    await house.settle();
    expect(told(house, name)).toEqual([]);
  });

  it('shows it on the card before the drain begins', async () => {
    const house = fakeHouse(atNight());
    const { name } = await aMinuteAgo(house);
    finds(house, { goesDown: [cart] });
    await approve(house, name, 'window');
    await house.settle();
    expect(shown(house, name).reboot.impact?.afterDecision?.goesDown).toEqual(['Deployment shop/cart']);
  });

  it('shows it on the card before it takes the turn', async () => {
    const house = fakeHouse();
    const { name } = await aMinuteAgo(house);
    finds(house, { goesDown: [cart] });
    await approve(house, name);
    const take = house.ledger.take.bind(house.ledger);
    let shownFirst: readonly string[] | undefined;
    house.ledger.take = async (...wanted) => {
      shownFirst ??= shown(house, name).reboot.impact?.afterDecision?.goesDown ?? [];
      return take(...wanted);
    };
    await house.settle();
    expect(shownFirst).toEqual(['Deployment shop/cart']);
  });

  it('keeps in mind what is new until the next decision, however often it is looked at', async () => {
    const house = fakeHouse(atNight());
    const { name } = await aMinuteAgo(house);
    finds(house, { goesDown: [cart] });
    await approve(house, name, 'window');
    await house.settle();
    house.clock.advance(6 * minute);
    finds(house, { goesDown: [cart], refusals: ['default/debug has no controller.'] });
    await house.service.resync();
    await house.settle();
    expect(house.reboot(name).impact?.afterDecision).toMatchObject({
      goesDown: ['Deployment shop/cart'],
      refusals: ['default/debug has no controller.'],
    });
    // A drain that refuses needs nobody to stop it.
    expect(told(house, name)[0]).not.toContain('does not stop it');

    await house.service.decide(name, { kind: 'cancel' }, mia);
    await house.settle();
    await house.service.decide(name, { kind: 'ask-again' }, mia);
    await house.settle();
    house.clock.advance(minute);
    await approve(house, name, 'window');
    await house.settle();
    expect(house.reboot(name).impact?.afterDecision).toMatchObject({ goesDown: [], refusals: [] });
  });
});

describe('a card that nobody touches', () => {
  it('is refreshed by the scan when what it says is some minutes old, and not before', async () => {
    const house = fakeHouse();
    const { name } = await house.sentinel();
    const looks = finds(house, { podsToMove: 9 });
    await house.service.resync();
    await house.settle();
    house.clock.advance(4 * minute);
    await house.service.resync();
    await house.settle();
    expect(looks.count()).toBe(0);
    house.clock.advance(minute);
    await house.service.resync();
    await house.settle();
    expect(looks.count()).toBe(1);
    expect(shown(house, name).reboot.impact?.podsToMove).toBe(9);
  });

  it('is refreshed while it waits for its window, too', async () => {
    const house = fakeHouse(atNight());
    const { name } = await house.sentinel();
    await approve(house, name, 'window');
    await house.settle();
    const looks = finds(house, {});
    house.clock.advance(6 * minute);
    await house.service.resync();
    await house.settle();
    expect(looks.count()).toBe(1);
  });

  it('waits longer for it where very many wait, and only the first of them are assessed', async () => {
    const house = fakeHouse();
    for (let nth = 0; nth < 110; nth += 1) {
      const node = aNode({ name: `w-${nth}`, uid: `uid-${nth}` });
      house.cluster.addNode(node, { report: aReport({ bootId: node.bootId }) });
      await house.queue.reconcileNode(node.name);
      await house.settle();
    }
    const looks = finds(house, {});
    house.clock.advance(29 * minute);
    await house.service.resync();
    await house.settle();
    expect(looks.count()).toBe(0);
    house.clock.advance(2 * minute);
    await house.service.resync();
    await house.settle();
    expect(looks.count()).toBe(50);
  });
});

it('the window of these tests is closed at noon', () => {
  const { start, length } = aWindow();
  expect([noon % (24 * hour), start < 12 * 60, start + length < 12 * 60]).toEqual([12 * hour, true, true]);
});
