/** What a worker that was frozen between two calls finds when it goes on: others have gone on meanwhile. */
import { describe, expect, it } from 'vitest';
import type { In, Reboot } from '../../../src/reboot/state/reboot.ts';
import { minute, second, toTimestamp } from '../../../src/reboot/time/time.ts';
import { aDrainPolicy, aPerson, aPolicy, aPool } from '../../fakes/builders.ts';
import { fakeHouse, type FakeHouse } from '../../fakes/fake-house.ts';
import { cleanedUp } from '../../fakes/states.ts';

const mia = aPerson();
const node = 'worker-03';
const failing = { kind: 'failed', code: 'drain-error', sentence: 'It did not work.' } as const;

async function approved(house: FakeHouse): Promise<string> {
  const { name, need } = await house.sentinel();
  const request = { kind: 'approve', mode: 'now', digest: need.digest } as const;
  expect(await house.service.decide(name, request, mia)).toMatchObject({ ok: true });
  await house.settle();
  return name;
}
const calls = (house: FakeHouse, kind: string): number =>
  house.cluster.log.filter((entry) => entry.startsWith(`${kind} `)).length;

describe('a worker that goes on late', () => {
  it('ends the clean-up that it did, and not the one of a drain that was begun and undone since', async () => {
    const house = fakeHouse();
    house.cluster.drains([failing]);
    const release = house.ledger.release.bind(house.ledger);
    house.ledger.release = async (...args) => {
      house.ledger.release = release;
      const answer = await release(...args);
      // Another worker has ended this clean-up, drained once more, and has that to undo by now.
      const undoing = house.store.all()[0] as In<'Undoing'>;
      house.clock.advance(second);
      const since = toTimestamp(house.clock.now());
      await house.store.save({ ...undoing, state: { ...undoing.state, since } });
      house.cluster.node(node).unschedulable = true;
      house.cluster.node(node).cordonedBy = undoing.name;
      return answer;
    };
    const name = await approved(house);
    expect(house.reboot(name).state).toMatchObject({ phase: 'Approved', retry: { why: 'error' } });
    expect(calls(house, 'uncordon')).toBe(2);
    expect(house.cluster.node(node).unschedulable).toBe(false);
  });

  it('ends the clean-up of a failure, and not the one that is owed since somebody has skipped it', async () => {
    const drain = aDrainPolicy({ onTimeout: 'fail' });
    const house = fakeHouse(aPolicy({ pools: [aPool({ drain })] }));
    house.cluster.drains([failing]);
    const withdraw = house.cluster.withdrawOrder.bind(house.cluster);
    house.cluster.withdrawOrder = async (...args) => {
      house.cluster.withdrawOrder = withdraw;
      const [reboot] = house.store.all();
      expect(await house.service.decide(reboot?.name ?? '', { kind: 'skip' }, mia)).toMatchObject({
        ok: true,
      });
      return withdraw(...args);
    };
    const name = await approved(house);
    expect(house.reboot(name)).toMatchObject({
      state: {
        phase: 'GivenUp',
        by: { id: mia.id },
      },
      cleanup: { endedAt: expect.any(String) },
    });
    expect(house.cluster.node(node).unschedulable).toBe(false);
    expect(house.ledger.now().turns).toEqual([]);
  });

  it('gives the turn back at once that it took for a start which was cancelled meanwhile, and the next one starts', async () => {
    const house = fakeHouse();
    const { name, need } = await house.sentinel();
    const next = await house.sentinel({ name: 'worker-04', uid: 'uid-4' });
    const take = house.ledger.take.bind(house.ledger);
    house.ledger.take = async (...args) => {
      house.ledger.take = take;
      const taken = await take(...args);
      expect(await house.service.decide(name, { kind: 'cancel' }, mia)).toMatchObject({ ok: true });
      // Another worker has ended the clean-up by now, and found no turn.
      const cancelled = house.reboot(name) as In<'Cancelled'>;
      await house.store.save({ ...cancelled, ...cleanedUp });
      await house.service.decide(next.name, { ...request, digest: next.need.digest }, mia);
      await house.service.reconcile(next.name);
      house.waiting.length = 0;
      return taken;
    };
    const request = { kind: 'approve', mode: 'now', digest: need.digest } as const;
    await house.service.decide(name, request, mia);
    await house.settle();
    expect(house.ledger.now().turns).toMatchObject([{ node: 'worker-04' }]);
  });

  it('left a turn behind that its Reboot cannot use now: the next one starts', async () => {
    const house = fakeHouse();
    const paused = await house.sentinel();
    const next = await house.sentinel({ name: 'worker-04', uid: 'uid-4' });
    await house.service.pause({ what: node }, { person: mia, channel: 'C0OPS' });
    const says = (reboot: Reboot) =>
      house.service.decide(reboot.name, { kind: 'approve', mode: 'now', digest: reboot.need.digest }, mia);
    await says(paused);
    const turn = { reboot: paused.name, node, pool: 'workers', controlPlane: false, since: '' };
    await house.ledger.take(turn, { cluster: 1, pool: 1 });
    await says(next);
    await house.service.reconcile(next.name);
    expect(house.reboot(next.name).state.phase).toBe('Approved');
    house.waiting.length = 0;
    await house.queue.plan();
    await house.settle();
    expect(house.ledger.now().turns).toMatchObject([{ node: 'worker-04' }]);
  });

  it('that has not heard of the boot reads the node afresh, and does not look at it without pause', async () => {
    const house = fakeHouse();
    const name = await approved(house);
    const nodes = house.cluster.nodes().map((view) => ({ ...view }));
    await house.boots(node);
    house.cluster.node(node).ready = false;
    await house.pass(minute);
    expect(house.reboot(name).state.phase).toBe('Settling');
    house.cluster.node(node).ready = true;
    house.cluster.nodes = () => nodes;
    house.clock.advance(60 * minute);
    await house.service.reconcile(name);
    await house.settle();
    expect(house.reboot(name).state).toMatchObject({ phase: 'Settling', healthySince: expect.any(String) });
  });

  it('renders a Reboot once that is gone, and that its watch still shows without a card', async () => {
    const house = fakeHouse();
    const { name } = await house.sentinel();
    const stale = { ...house.reboot(name), chat: { replies: {} } };
    await house.store.remove(name);
    house.store.latest = async () => stale;
    house.store.all = () => [stale];
    let rendered = 0;
    const show = house.chat.show.bind(house.chat);
    house.chat.show = async (...args) => {
      rendered += 1;
      return show(...args);
    };
    await house.queue.reconcile(name);
    await house.settle();
    expect(rendered).toBe(1);
  });

  it('does not give back the turn of a node that stays cordoned for a Reboot that somebody deleted', async () => {
    const house = fakeHouse();
    const { name, need } = await house.sentinel();
    const request = { kind: 'approve', mode: 'now', digest: need.digest } as const;
    await house.service.decide(name, request, mia);
    const { state } = house.reboot(name);
    await house.settle();
    const stale = { ...house.reboot(name), state };
    expect(house.cluster.node(node).cordonedBy).toBe(name);
    const nodes = house.cluster.nodes().map((view) => ({ ...view, unschedulable: false }));
    await house.store.remove(name);
    house.cluster.nodes = () => nodes;
    house.cluster.freshNodes = async () => nodes;
    let asked = 0;
    house.store.latest = async () => {
      asked += 1;
      return asked === 1 ? stale : undefined;
    };
    await house.service.reconcile(name);
    expect(house.ledger.now().turns.map((turn) => turn.reboot)).toEqual([name]);
  });
});
