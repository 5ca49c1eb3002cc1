/**
 * A conditional write needs no read before it where this process has just read or written the object. A
 * conflict, and every answer that is no write, rests on a fresh read.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Kube } from '../../src/k8s/kube.ts';
import type { BootTarget } from '../../src/reboot/nodes/observation.ts';
import { minute, second } from '../../src/reboot/time/time.ts';
import { aPool } from '../fakes/builders.ts';
import { fakeClock } from '../fakes/fake-clock.ts';
import { type ApiWorld, startApiWorld } from './world/api.ts';
import { handOf, type Hand } from './world/hand.ts';
import { until } from './world/until.ts';

let world: ApiWorld;
let hand: Hand;
let kube: Kube;
let n1: BootTarget;
let clock: ReturnType<typeof fakeClock>;
beforeEach(async () => {
  world = await startApiWorld();
  hand = handOf(world.admin);
  n1 = await hand.addNode('n1');
  clock = fakeClock();
  kube = world.connect({ clock });
  await kube.start(() => undefined, new AbortController().signal);
  await kube.cluster.ensureAgent({ name: 'n1', uid: n1.uid });
});
afterEach(() => world.close());

/** The bot's requests during `act`, without watches: "get nodes/n1". */
async function requestsOf(act: () => Promise<unknown>): Promise<readonly string[]> {
  const before = world.api.requests().length;
  await act();
  return world.api
    .requests()
    .slice(before)
    .filter(({ verb, userAgent }) => verb !== 'watch' && userAgent.startsWith('tugboot/'))
    .map(({ verb, path }) => `${verb} ${path.replace(/^.*\/(nodes|nodeagents|configmaps)/, '$1')}`);
}

const turn = (reboot: string) => ({
  reboot,
  node: reboot,
  pool: 'p',
  controlPlane: false,
  since: '2026-11-22T12:00:00Z',
});
const limits = { cluster: 2, pool: 2 };

describe('a node that was just read', () => {
  it('is cordoned and uncordoned by one request each', async () => {
    await kube.cluster.observe('n1');
    expect(await requestsOf(() => kube.cluster.cordon(n1, 'r'))).toEqual(['patch nodes/n1']);
    expect(await requestsOf(() => kube.cluster.uncordon(n1, 'r'))).toEqual(['patch nodes/n1']);
  });

  it('is read afresh where others have changed it since', async () => {
    await kube.cluster.observe('n1');
    await hand.cordonAsOther('n1');
    expect(await kube.cluster.cordon(n1, 'r')).toBe('other');
    await hand.uncordonAsOther('n1');
    expect(await kube.cluster.cordon(n1, 'r')).toBe('us');
    await hand.setBoot('n1', 'boot-2');
    expect(await kube.cluster.uncordon(n1, 'r')).toBe('wrong-boot');
  });

  it('is read again once that is some seconds ago', async () => {
    await kube.cluster.observe('n1');
    clock.advance(6 * second);
    expect(await requestsOf(() => kube.cluster.cordon(n1, 'r'))).toEqual(['get nodes/n1', 'patch nodes/n1']);
  });

  it('is written after it was found to be still owed, and not if it has changed since', async () => {
    await kube.cluster.observe('n1');
    const asked: boolean[] = [];
    const still = async (): Promise<boolean> => {
      asked.push(true);
      if (asked.length === 1) await hand.cordonAsOther('n1');
      return true;
    };
    expect(await kube.cluster.cordon(n1, 'r', still)).toBe('other');
    expect(asked).toHaveLength(1);
  });

  it('is read afresh before it is said that there is nothing to write', async () => {
    await kube.cluster.cordon(n1, 'r');
    expect(await requestsOf(() => kube.cluster.cordon(n1, 'r'))).toEqual(['get nodes/n1']);
    expect(await requestsOf(() => kube.cluster.uncordon(n1, 'other'))).toEqual(['get nodes/n1']);
    const elsewhere = { ...n1, bootId: 'another' };
    expect(await requestsOf(() => kube.cluster.uncordon(elsewhere, 'r'))).toEqual(['get nodes/n1']);
  });
});

describe('a drain right after its cordon', () => {
  async function drain(): Promise<unknown> {
    const now = clock.now();
    const times = { startedAt: now, deadline: now + minute };
    const request = { target: n1, policy: aPool().drain, ...times, last: [], force: false };
    let last: unknown;
    for await (const event of kube.cluster.drain(request, new AbortController().signal)) last = event;
    return last;
  }

  it('reads the node once, at its end', async () => {
    await kube.cluster.cordon(n1, 'r');
    const asked = await requestsOf(async () => expect(await drain()).toMatchObject({ kind: 'drained' }));
    expect(asked.filter((each) => each === 'get nodes/n1')).toHaveLength(1);
  });

  it('does not end as drained where somebody uncordoned the node, and the watch does not show it', async () => {
    await kube.stop();
    kube = world.connect({ clock });
    await kube.cluster.cordon(n1, 'r');
    await hand.uncordonAsOther('n1');
    expect(await drain()).toMatchObject({ kind: 'failed', code: 'uncordoned-by-other' });
  });

  it('reads it before it fails for a node that it knows as schedulable', async () => {
    await kube.cluster.observe('n1');
    expect(await requestsOf(drain)).toEqual(['get nodes/n1']);
    expect(await drain()).toMatchObject({ kind: 'failed', code: 'uncordoned-by-other' });
  });
});

describe('the condition RebootRequired', () => {
  it('is changed where the watch saw it, by one request', async () => {
    await kube.cluster.setRebootRequired(n1, 'False', '');
    expect(await requestsOf(() => kube.cluster.setRebootRequired(n1, 'True', 'linux'))).toEqual([
      'patch nodes/n1/status',
    ]);
    await hand.setReady('n1', true);
    expect(await kube.cluster.setRebootRequired(n1, 'False', '')).toBe('done');
    const seen = () => kube.cluster.nodes().find(({ name }) => name === 'n1');
    await until('the watch shows it', () => seen()?.rebootRequired === 'False');
    expect(seen()).toMatchObject({ ready: true });
  });

  it('is not written to another boot', async () => {
    await kube.cluster.setRebootRequired(n1, 'False', '');
    await hand.setBoot('n1', 'boot-2');
    expect(await kube.cluster.setRebootRequired(n1, 'True', 'linux')).toBe('wrong-boot');
  });
});

describe('an order', () => {
  const watched = () => kube.cluster.agent('n1');

  it('is given and withdrawn by one request each, where the watch shows the NodeAgent', async () => {
    await kube.cluster.observe('n1');
    expect(await requestsOf(() => kube.cluster.order(n1))).toEqual(['patch nodeagents/n1']);
    const withdraw = () => kube.cluster.withdrawOrder('n1', n1.bootId);
    expect(await requestsOf(withdraw)).toEqual(['patch nodeagents/n1']);
    // That there is none rests on a read.
    expect(await requestsOf(withdraw)).toEqual(['get nodeagents/n1']);
  });

  it('reads the node if it was not read just now', async () => {
    clock.advance(6 * second);
    expect(await requestsOf(() => kube.cluster.order(n1))).toEqual(['get nodes/n1', 'patch nodeagents/n1']);
  });

  it('is not restored after another replica gave and withdrew it', async () => {
    const other = world.connect();
    await kube.cluster.observe('n1');
    let owed = true;
    const still = async (): Promise<boolean> => {
      if (!owed) return false;
      await other.cluster.order(n1);
      await other.cluster.withdrawOrder('n1');
      owed = false;
      return true;
    };
    expect(await kube.cluster.order(n1, still)).toBe('not-owed');
    expect((await other.cluster.observe('n1')).agent?.endBoot).toBeUndefined();
  });

  it('is not withdrawn where another has taken its place', async () => {
    await kube.cluster.order(n1);
    const other = world.connect();
    await hand.setBoot('n1', 'boot-2');
    await other.cluster.order({ ...n1, bootId: 'boot-2' });
    expect(await kube.cluster.withdrawOrder('n1', n1.bootId)).toBe('done');
    expect((await other.cluster.observe('n1')).agent?.endBoot).toBe('boot-2');
    await until('the watch shows it', () => watched()?.endBoot === 'boot-2');
    expect(await kube.cluster.withdrawOrder('n1', n1.bootId)).toBe('done');
    expect((await other.cluster.observe('n1')).agent?.endBoot).toBe('boot-2');
  });
});

describe('the ledger', () => {
  it('is written as it is known, and read afresh after a conflict', async () => {
    await kube.ledger.read();
    expect(await requestsOf(() => kube.ledger.take(turn('a'), limits))).toEqual(['create configmaps']);
    expect(await requestsOf(() => kube.ledger.latest())).toEqual([]);
    const other = world.connect();
    await other.ledger.take(turn('b'), limits);
    expect(await kube.ledger.take(turn('c'), limits)).toMatchObject({ taken: false });
    expect(await requestsOf(() => kube.ledger.release('a'))).toEqual(['update configmaps/tugboot-turns']);
    expect((await other.ledger.read()).turns.map(({ reboot }) => reboot)).toEqual(['b']);
  });

  it('costs no read while it is written, and one for all that read it at once', async () => {
    await kube.ledger.take(turn('a'), limits);
    expect(
      await requestsOf(async () => {
        const release = kube.ledger.release('a');
        const latest = [kube.ledger.latest(), kube.ledger.latest()];
        await Promise.all([release, ...latest]);
      }),
    ).toEqual(['update configmaps/tugboot-turns']);
    expect(
      await requestsOf(() => Promise.all([kube.ledger.read(), kube.ledger.read(), kube.ledger.read()])),
    ).toEqual(['get configmaps/tugboot-turns']);
  });

  it('is read afresh before it is said that a turn is not free, or not held', async () => {
    await kube.ledger.take(turn('a'), limits);
    await kube.ledger.take(turn('b'), limits);
    const other = world.connect();
    await other.ledger.release('a');
    expect(await kube.ledger.take(turn('c'), limits)).toMatchObject({ taken: true });
    await other.ledger.take(turn('d'), { cluster: 9, pool: 9 });
    expect(await kube.ledger.release('d')).toBe('released');
  });

  it('is read again once that is some seconds ago', async () => {
    await kube.ledger.take(turn('a'), limits);
    clock.advance(6 * second);
    expect(await requestsOf(() => kube.ledger.latest())).toEqual(['get configmaps/tugboot-turns']);
    clock.advance(6 * second);
    expect(await requestsOf(() => kube.ledger.release('a'))).toEqual([
      'get configmaps/tugboot-turns',
      'update configmaps/tugboot-turns',
    ]);
  });
});
