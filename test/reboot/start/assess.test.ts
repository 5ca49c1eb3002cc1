import { describe, expect, it } from 'vitest';
import { PortError } from '../../../src/reboot/ports/port-error.ts';
import type { Reboot } from '../../../src/reboot/state/reboot.ts';
import type { Impact } from '../../../src/reboot/state/impact.ts';
import { hour, minute, second, toTimestamp } from '../../../src/reboot/time/time.ts';
import { replies } from '../../../src/bot/views/answers/replies.ts';
import { aNode, aPerson, aPolicy, aPool, aReport, aWindow, anImpact, noon } from '../../fakes/builders.ts';
import { type ServiceHarness, serviceHarness } from '../../fakes/service-harness.ts';

const mia = aPerson();
const cart = { workload: 'Deployment shop/cart', wants: 1, ready: 1 };

/** What the next dry-runs find. */
function finds(harness: ServiceHarness, found: Partial<Impact>): { readonly count: () => number } {
  let asked = 0;
  harness.cluster.assess = async (node, _policy, want) => {
    asked += 1;
    harness.cluster.log.push(`assess ${node}${want?.fresh ? ' afresh' : ''}`);
    return {
      at: toTimestamp(harness.clock.now()),
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
async function aMinuteAgo(harness: ServiceHarness): Promise<Reboot> {
  const reboot = await harness.sentinel();
  harness.clock.advance(minute);
  return reboot;
}

const approve = (harness: ServiceHarness, name: string, mode: 'now' | 'window' = 'now') =>
  harness.service.decide(name, { kind: 'approve', mode, digest: harness.reboot(name).need.digest }, mia);

/** What the thread tells of it. */
const told = (harness: ServiceHarness, name: string): readonly string[] =>
  replies({ ...shown(harness, name), reboot: harness.reboot(name) })
    .filter(({ key }) => key.startsWith('worse@'))
    .map(({ view }) => view.text);
function shown(harness: ServiceHarness, name: string) {
  const card = harness.chat.cards.get(name);
  if (!card) throw new Error('no card');
  return card;
}

/** Sunday noon: its window opens in the night. */
const atNight = () => aPolicy({ pools: [aPool({ windows: [aWindow()] })] });

describe('an approval', () => {
  it('is taken without a look at the pods: what it would disturb is looked at afresh right after, before the start', async () => {
    const harness = serviceHarness();
    const { name } = await aMinuteAgo(harness);
    harness.cluster.log.length = 0;
    const looks = finds(harness, {});
    expect((await approve(harness, name)).ok).toBe(true);
    expect(looks.count()).toBe(0);
    await harness.settle();
    const steps = harness.cluster.log.filter((entry) => /^(assess|cordon)/.test(entry));
    expect(steps).toEqual(['assess worker-03 afresh', 'cordon worker-03']);
  });

  it('is followed by none where the look for its card is less than a minute old', async () => {
    const harness = serviceHarness();
    const { name } = await harness.sentinel();
    harness.clock.advance(59 * second);
    const looks = finds(harness, {});
    await approve(harness, name);
    await harness.settle();
    expect(looks.count()).toBe(0);
    expect(harness.reboot(name).state.phase).toBe('Rebooting');
  });

  it('is followed by one before the start where that look has become older in its wait', async () => {
    const harness = serviceHarness(aPolicy({ pools: [aPool({ approval: 'auto', windows: [] })] }));
    harness.gatekeeper.blocks.set('worker-03', [
      { code: 'alerts-firing', sentence: 'Alert A is active.', clears: 'It clears.' },
    ]);
    const { name } = await harness.sentinel();
    expect(harness.reboot(name).impact?.afterDecision).toBeUndefined();
    harness.clock.advance(minute);
    harness.gatekeeper.blocks.clear();
    harness.cluster.log.length = 0;
    finds(harness, {});
    await harness.queue.reconcile(name);
    await harness.settle();
    const steps = harness.cluster.log.filter((entry) => /^(assess|cordon)/.test(entry));
    expect(steps).toEqual(['assess worker-03 afresh', 'cordon worker-03']);
    expect(harness.reboot(name).impact?.afterDecision).toMatchObject({
      lost: [],
      goesDown: [],
      refusals: [],
    });
  });

  it('of a node that is not Ready is followed by one at once: it confirms that it was approved as it is', async () => {
    const harness = serviceHarness(atNight());
    finds(harness, { nodeNotReady: true });
    const { name } = await harness.sentinel();
    const looks = finds(harness, { nodeNotReady: true });
    await approve(harness, name, 'window');
    await harness.settle();
    expect(looks.count()).toBe(1);
  });

  it('is followed by one look, whatever wakes it afterwards', async () => {
    const harness = serviceHarness(atNight());
    const { name } = await aMinuteAgo(harness);
    const looks = finds(harness, {});
    await approve(harness, name, 'window');
    await harness.settle();
    for (let time = 0; time < 5; time += 1) {
      await harness.queue.reconcile(name);
      await harness.settle();
    }
    expect(looks.count()).toBe(1);
  });

  it('is followed by one look by a bot whose clock is behind that of the bot that took it', async () => {
    const harness = serviceHarness(atNight());
    const { name } = await aMinuteAgo(harness);
    harness.clock.advance(10 * second);
    await approve(harness, name, 'window');
    harness.clock.set(harness.clock.now() - 10 * second);
    const looks = finds(harness, {});
    await harness.settle();
    expect(looks.count()).toBe(1);
  });

  it('is followed by one look where an older definition of the Reboot drops what it found', async () => {
    const harness = serviceHarness(atNight());
    const { name } = await aMinuteAgo(harness);
    const looks = finds(harness, { goesDown: [cart] });
    const save = harness.store.save.bind(harness.store);
    harness.store.save = async (reboot) => {
      const { goesDown: _, room: __, afterDecision: ___, ...impact } = reboot.impact ?? anImpact();
      return save(reboot.impact ? { ...reboot, impact } : reboot);
    };
    await approve(harness, name, 'window');
    // An assessment takes some time.
    harness.clock.advance(1);
    await harness.settle();
    expect(looks.count()).toBe(1);
  });

  it('starts all the same when the look fails', async () => {
    const harness = serviceHarness();
    const { name } = await aMinuteAgo(harness);
    harness.cluster.assess = async () => {
      throw new PortError('cluster-unreachable', 'away', { retryable: true });
    };
    await approve(harness, name);
    await harness.settle();
    expect(harness.reboot(name).state.phase).toBe('Rebooting');
    expect(told(harness, name)).toEqual([]);
  });

  it('says in the thread what has got worse since the card was read, and goes on', async () => {
    const harness = serviceHarness();
    const { name } = await aMinuteAgo(harness);
    finds(harness, { goesDown: [cart], lost: ['default/debug'] });
    await approve(harness, name);
    await harness.settle();
    expect(harness.reboot(name).state.phase).toBe('Rebooting');
    expect(told(harness, name)).toEqual([
      'Found after the approval 1 pod would be lost: default/debug has no controller. Deployment shop/cart goes down: its only replica is here. That does not stop it; _Cancel_ does, before the reboot is ordered.',
    ]);
  });

  it('says nothing of what the card said already, nor of what has got better', async () => {
    const harness = serviceHarness();
    finds(harness, { goesDown: [cart], lost: ['default/debug', 'default/other'] });
    const { name } = await aMinuteAgo(harness);
    finds(harness, { goesDown: [cart], lost: ['default/debug'] });
    await approve(harness, name);
    await harness.settle();
    expect(told(harness, name)).toEqual([]);
  });

  it('shows it on the card before the drain begins', async () => {
    const harness = serviceHarness(atNight());
    const { name } = await aMinuteAgo(harness);
    finds(harness, { goesDown: [cart] });
    await approve(harness, name, 'window');
    await harness.settle();
    expect(shown(harness, name).reboot.impact?.afterDecision?.goesDown).toEqual(['Deployment shop/cart']);
  });

  it('shows it on the card before it takes the turn', async () => {
    const harness = serviceHarness();
    const { name } = await aMinuteAgo(harness);
    finds(harness, { goesDown: [cart] });
    await approve(harness, name);
    const take = harness.ledger.take.bind(harness.ledger);
    let shownFirst: readonly string[] | undefined;
    harness.ledger.take = async (...wanted) => {
      shownFirst ??= shown(harness, name).reboot.impact?.afterDecision?.goesDown ?? [];
      return take(...wanted);
    };
    await harness.settle();
    expect(shownFirst).toEqual(['Deployment shop/cart']);
  });

  it('keeps in mind what is new until the next decision, however often it is looked at', async () => {
    const harness = serviceHarness(atNight());
    const { name } = await aMinuteAgo(harness);
    finds(harness, { goesDown: [cart] });
    await approve(harness, name, 'window');
    await harness.settle();
    harness.clock.advance(6 * minute);
    finds(harness, { goesDown: [cart], refusals: ['default/debug has no controller.'] });
    await harness.service.resync();
    await harness.settle();
    expect(harness.reboot(name).impact?.afterDecision).toMatchObject({
      goesDown: ['Deployment shop/cart'],
      refusals: ['default/debug has no controller.'],
    });
    // A drain that refuses needs nobody to stop it.
    expect(told(harness, name)[0]).not.toContain('does not stop it');

    await harness.service.decide(name, { kind: 'cancel' }, mia);
    await harness.settle();
    await harness.service.decide(name, { kind: 'ask-again' }, mia);
    await harness.settle();
    harness.clock.advance(minute);
    await approve(harness, name, 'window');
    await harness.settle();
    expect(harness.reboot(name).impact?.afterDecision).toMatchObject({ goesDown: [], refusals: [] });
  });
});

describe('a card that nobody touches', () => {
  it('is refreshed by the scan when what it says is some minutes old, and not before', async () => {
    const harness = serviceHarness();
    const { name } = await harness.sentinel();
    const looks = finds(harness, { podsToMove: 9 });
    await harness.service.resync();
    await harness.settle();
    harness.clock.advance(4 * minute);
    await harness.service.resync();
    await harness.settle();
    expect(looks.count()).toBe(0);
    harness.clock.advance(minute);
    await harness.service.resync();
    await harness.settle();
    expect(looks.count()).toBe(1);
    expect(shown(harness, name).reboot.impact?.podsToMove).toBe(9);
  });

  it('is refreshed while it waits for its window, too', async () => {
    const harness = serviceHarness(atNight());
    const { name } = await harness.sentinel();
    await approve(harness, name, 'window');
    await harness.settle();
    const looks = finds(harness, {});
    harness.clock.advance(6 * minute);
    await harness.service.resync();
    await harness.settle();
    expect(looks.count()).toBe(1);
  });

  it('waits longer for it where very many wait, and only the first of them are assessed', async () => {
    const harness = serviceHarness();
    for (let nth = 0; nth < 110; nth += 1) {
      const node = aNode({ name: `w-${nth}`, uid: `uid-${nth}` });
      harness.cluster.addNode(node, { report: aReport({ bootId: node.bootId }) });
      await harness.queue.reconcileNode(node.name);
      await harness.settle();
    }
    const looks = finds(harness, {});
    harness.clock.advance(29 * minute);
    await harness.service.resync();
    await harness.settle();
    expect(looks.count()).toBe(0);
    harness.clock.advance(2 * minute);
    await harness.service.resync();
    await harness.settle();
    expect(looks.count()).toBe(50);
  });
});

it('the window of these tests is closed at noon', () => {
  const { start, length } = aWindow();
  expect([noon % (24 * hour), start < 12 * 60, start + length < 12 * 60]).toEqual([12 * hour, true, true]);
});
