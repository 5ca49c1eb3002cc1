/** What a worker that was frozen between two calls finds when it goes on: others have gone on meanwhile. */
import { describe, expect, it } from 'vitest';
import type { In, Reboot } from '../../../src/reboot/state/reboot.ts';
import { minute, second, toTimestamp } from '../../../src/reboot/time/time.ts';
import { aDrainPolicy, aPerson, aPolicy, aPool } from '../../fakes/builders.ts';
import { serviceHarness, type ServiceHarness } from '../../fakes/service-harness.ts';
import { cleanedUp } from '../../fakes/states.ts';

const mia = aPerson();
const node = 'worker-03';
const failing = { kind: 'failed', code: 'drain-error', sentence: 'It did not work.' } as const;

async function approved(harness: ServiceHarness): Promise<string> {
  const { name, need } = await harness.sentinel();
  const request = { kind: 'approve', mode: 'now', digest: need.digest } as const;
  expect(await harness.service.decide(name, request, mia)).toMatchObject({ ok: true });
  await harness.settle();
  return name;
}
const calls = (harness: ServiceHarness, kind: string): number =>
  harness.cluster.log.filter((entry) => entry.startsWith(`${kind} `)).length;

describe('a worker that goes on late', () => {
  it('ends the clean-up that it did, and not the one of a drain that was begun and undone since', async () => {
    const harness = serviceHarness();
    harness.cluster.drains([failing]);
    const release = harness.ledger.release.bind(harness.ledger);
    harness.ledger.release = async (...args) => {
      harness.ledger.release = release;
      const answer = await release(...args);
      // Another worker has ended this clean-up, drained once more, and has that to undo by now.
      const undoing = harness.store.all()[0] as In<'Undoing'>;
      harness.clock.advance(second);
      const since = toTimestamp(harness.clock.now());
      await harness.store.save({ ...undoing, state: { ...undoing.state, since } });
      harness.cluster.node(node).unschedulable = true;
      harness.cluster.node(node).cordonedBy = undoing.name;
      return answer;
    };
    const name = await approved(harness);
    expect(harness.reboot(name).state).toMatchObject({ phase: 'Approved', retry: { why: 'error' } });
    expect(calls(harness, 'uncordon')).toBe(2);
    expect(harness.cluster.node(node).unschedulable).toBe(false);
  });

  it('ends the clean-up of a failure, and not the one that is owed since somebody has skipped it', async () => {
    const drain = aDrainPolicy({ onTimeout: 'fail' });
    const harness = serviceHarness(aPolicy({ pools: [aPool({ drain })] }));
    harness.cluster.drains([failing]);
    const withdraw = harness.cluster.withdrawOrder.bind(harness.cluster);
    harness.cluster.withdrawOrder = async (...args) => {
      harness.cluster.withdrawOrder = withdraw;
      const [reboot] = harness.store.all();
      expect(await harness.service.decide(reboot?.name ?? '', { kind: 'skip' }, mia)).toMatchObject({
        ok: true,
      });
      return withdraw(...args);
    };
    const name = await approved(harness);
    expect(harness.reboot(name)).toMatchObject({
      state: {
        phase: 'GivenUp',
        by: { id: mia.id },
      },
      cleanup: { endedAt: expect.any(String) },
    });
    expect(harness.cluster.node(node).unschedulable).toBe(false);
    expect(harness.ledger.now().turns).toEqual([]);
  });

  it('gives the turn back at once that it took for a start which was cancelled meanwhile, and the next one starts', async () => {
    const harness = serviceHarness();
    const { name, need } = await harness.sentinel();
    const next = await harness.sentinel({ name: 'worker-04', uid: 'uid-4' });
    const take = harness.ledger.take.bind(harness.ledger);
    harness.ledger.take = async (...args) => {
      harness.ledger.take = take;
      const taken = await take(...args);
      expect(await harness.service.decide(name, { kind: 'cancel' }, mia)).toMatchObject({ ok: true });
      // Another worker has ended the clean-up by now, and found no turn.
      const cancelled = harness.reboot(name) as In<'Cancelled'>;
      await harness.store.save({ ...cancelled, ...cleanedUp });
      await harness.service.decide(next.name, { ...request, digest: next.need.digest }, mia);
      await harness.service.reconcile(next.name);
      harness.waiting.length = 0;
      return taken;
    };
    const request = { kind: 'approve', mode: 'now', digest: need.digest } as const;
    await harness.service.decide(name, request, mia);
    await harness.settle();
    expect(harness.ledger.now().turns).toMatchObject([{ node: 'worker-04' }]);
  });

  it('left a turn behind that its Reboot cannot use now: the next one starts', async () => {
    const harness = serviceHarness();
    const paused = await harness.sentinel();
    const next = await harness.sentinel({ name: 'worker-04', uid: 'uid-4' });
    await harness.service.pause({ what: node }, { person: mia, channel: 'C0OPS' });
    const says = (reboot: Reboot) =>
      harness.service.decide(reboot.name, { kind: 'approve', mode: 'now', digest: reboot.need.digest }, mia);
    await says(paused);
    const turn = { reboot: paused.name, node, pool: 'workers', controlPlane: false, since: '' };
    await harness.ledger.take(turn, { cluster: 1, pool: 1 });
    await says(next);
    await harness.service.reconcile(next.name);
    expect(harness.reboot(next.name).state.phase).toBe('Approved');
    harness.waiting.length = 0;
    await harness.queue.plan();
    await harness.settle();
    expect(harness.ledger.now().turns).toMatchObject([{ node: 'worker-04' }]);
  });

  it('that has not heard of the boot reads the node afresh, and does not look at it without pause', async () => {
    const harness = serviceHarness();
    const name = await approved(harness);
    const nodes = harness.cluster.nodes().map((view) => ({ ...view }));
    await harness.boots(node);
    harness.cluster.node(node).ready = false;
    await harness.pass(minute);
    expect(harness.reboot(name).state.phase).toBe('Settling');
    harness.cluster.node(node).ready = true;
    harness.cluster.nodes = () => nodes;
    harness.clock.advance(60 * minute);
    await harness.service.reconcile(name);
    await harness.settle();
    expect(harness.reboot(name).state).toMatchObject({ phase: 'Settling', healthySince: expect.any(String) });
  });

  it('renders a Reboot once that is gone, and that its watch still shows without a card', async () => {
    const harness = serviceHarness();
    const { name } = await harness.sentinel();
    const stale = { ...harness.reboot(name), chat: { replies: {} } };
    await harness.store.remove(name);
    harness.store.latest = async () => stale;
    harness.store.all = () => [stale];
    let rendered = 0;
    const show = harness.chat.show.bind(harness.chat);
    harness.chat.show = async (...args) => {
      rendered += 1;
      return show(...args);
    };
    await harness.queue.reconcile(name);
    await harness.settle();
    expect(rendered).toBe(1);
  });

  it('does not give back the turn of a node that stays cordoned for a Reboot that somebody deleted', async () => {
    const harness = serviceHarness();
    const { name, need } = await harness.sentinel();
    const request = { kind: 'approve', mode: 'now', digest: need.digest } as const;
    await harness.service.decide(name, request, mia);
    const { state } = harness.reboot(name);
    await harness.settle();
    const stale = { ...harness.reboot(name), state };
    expect(harness.cluster.node(node).cordonedBy).toBe(name);
    const nodes = harness.cluster.nodes().map((view) => ({ ...view, unschedulable: false }));
    await harness.store.remove(name);
    harness.cluster.nodes = () => nodes;
    harness.cluster.freshNodes = async () => nodes;
    let asked = 0;
    harness.store.latest = async () => {
      asked += 1;
      return asked === 1 ? stale : undefined;
    };
    await harness.service.reconcile(name);
    expect(harness.ledger.now().turns.map((turn) => turn.reboot)).toEqual([name]);
  });
});
