import { describe, expect, it } from 'vitest';
import { noHooks } from '../../../src/reboot/deadlines/hook-waits.ts';
import type { PoolPolicy } from '../../../src/reboot/policy/policy.ts';
import type { SilencePolicy } from '../../../src/reboot/policy/pool-hooks.ts';
import { minute, second } from '../../../src/reboot/time/time.ts';
import { transition } from '../../../src/reboot/machine/transition.ts';
import { aPerson, aPolicy, aPool } from '../../fakes/builders.ts';
import { fakeHouse, type FakeHouse } from '../../fakes/fake-house.ts';

const mia = aPerson();
const node = 'worker-03';
const silence: SilencePolicy = {
  access: { url: 'http://alertmanager:9093', headers: {} },
  matchers: [{ name: 'node', value: '{node}', isRegex: false, isEqual: true }],
};
const houseWith = (pool: Partial<PoolPolicy> = {}): FakeHouse =>
  fakeHouse(aPolicy({ pools: [aPool({ hooks: { ...noHooks, silence }, ...pool })] }));

async function decide(
  house: FakeHouse,
  name: string,
  request: Parameters<FakeHouse['service']['decide']>[1],
): Promise<void> {
  expect(await house.service.decide(name, request, mia)).toMatchObject({ ok: true });
  await house.settle();
}
async function approved(house: FakeHouse): Promise<string> {
  const { name, need } = await house.sentinel();
  await decide(house, name, { kind: 'approve', mode: 'now', digest: need.digest });
  return name;
}
const isSilenced = ({ silences, clock }: FakeHouse, name: string): boolean =>
  (silences.active.get(name) ?? 0) > clock.now();
const phaseOf = (house: FakeHouse, name: string) => house.reboot(name).state.phase;
const told = (house: FakeHouse, name: string) =>
  house.reboot(name).history.filter(({ what }) => what === 'silence-failed');

describe('alerts of a node', () => {
  it('are silenced from the cordon to the uncordon', async () => {
    const house = houseWith();
    const cordon = house.cluster.cordon.bind(house.cluster);
    house.cluster.cordon = async (...args) => {
      expect(house.silences.log).toEqual([]);
      return cordon(...args);
    };
    const uncordon = house.cluster.uncordon.bind(house.cluster);
    house.cluster.uncordon = async (...args) => {
      expect(house.silences.active.size).toBe(1);
      return uncordon(...args);
    };
    const name = await approved(house);
    expect([phaseOf(house, name), isSilenced(house, name)]).toEqual(['Rebooting', true]);
    await house.boots(node);
    expect([phaseOf(house, name), isSilenced(house, name)]).toEqual(['Settling', true]);
    await house.pass(minute);
    expect([phaseOf(house, name), isSilenced(house, name)]).toEqual(['Succeeded', false]);
    expect(house.silences.log.filter((entry) => entry.startsWith('keep'))).toHaveLength(1);
  });

  it('are silenced for as long as it takes, and the Alertmanager is asked rarely for that', async () => {
    const house = houseWith({ rebootTimeout: 200 * minute });
    const name = await approved(house);
    for (let passed = 0; passed < 180; passed += 1) {
      await house.pass(minute);
      expect(isSilenced(house, name)).toBe(true);
    }
    expect(house.silences.log.length).toBeLessThan(30);
  });

  it('are silenced anew long before that ends', async () => {
    const house = houseWith({ rebootTimeout: 200 * minute });
    const keep = house.silences.keep.bind(house.silences);
    const left: number[] = [];
    house.silences.keep = async (wish) => {
      left.push((house.silences.active.get(wish.reboot) ?? Number.POSITIVE_INFINITY) - house.clock.now());
      return keep(wish);
    };
    await approved(house);
    await house.pass(120 * minute);
    expect(left.length).toBeGreaterThan(5);
    expect(Math.min(...left)).toBeGreaterThan(10 * minute);
  });

  it('are silenced at once for a retry that follows its failure at once', async () => {
    const house = houseWith();
    const name = await approved(house);
    house.cluster.node(node).ready = false;
    await house.pass(10 * minute);
    expect([phaseOf(house, name), isSilenced(house, name)]).toEqual(['Failed', false]);
    await decide(house, name, { kind: 'retry' });
    expect(isSilenced(house, name)).toBe(true);
  });

  it.each(['cancelled', 'undone', 'deleted'])('are heard again when the drain is %s', async (how) => {
    const house = houseWith({ giveUpTurnAfter: 0 });
    house.cluster.drains(how === 'undone' ? [{ kind: 'failed', code: 'drain-error', sentence: 'No.' }] : []);
    const ended: string[] = [];
    const end = house.silences.end.bind(house.silences);
    house.silences.end = async (wish) => {
      ended.push(wish.reboot);
      expect(house.cluster.node(node).unschedulable).toBe(false);
      return end(wish);
    };
    const name = await approved(house);
    if (how !== 'undone') expect(isSilenced(house, name)).toBe(true);
    if (how === 'cancelled') await decide(house, name, { kind: 'cancel' });
    if (how === 'deleted') {
      const last = house.reboot(name);
      await house.store.remove(name);
      await house.service.rebootDeleted(last);
      await house.settle();
    }
    expect([isSilenced(house, name), ended]).toEqual([false, [name]]);
  });

  it('are heard again when the reboot has failed, although the node stays cordoned, and silenced for a retry', async () => {
    const house = houseWith();
    const name = await approved(house);
    house.cluster.node(node).ready = false;
    await house.pass(11 * minute);
    expect([phaseOf(house, name), isSilenced(house, name)]).toEqual(['Failed', false]);
    expect(house.cluster.node(node).unschedulable).toBe(true);
    await house.pass(60 * minute);
    expect(isSilenced(house, name)).toBe(false);
    await decide(house, name, { kind: 'retry' });
    expect(isSilenced(house, name)).toBe(true);
  });

  it('cost nothing where nothing was disturbed, or no silence is wanted', async () => {
    const house = houseWith({ concurrency: 0 });
    const { name } = await house.sentinel();
    await decide(house, name, { kind: 'approve', mode: 'now', digest: house.reboot(name).need.digest });
    await decide(house, name, { kind: 'cancel' });
    const other = houseWith({ hooks: noHooks });
    await approved(other);
    await other.boots(node);
    await other.pass(minute);
    expect([house.silences.log, other.silences.log]).toEqual([[], []]);
  });

  it('are not silenced by a bot that has not heard of the cancel', async () => {
    const house = houseWith();
    house.cluster.drains([]);
    house.silences.down = 'it cannot be reached';
    const name = await approved(house);
    const stale = house.reboot(name);
    expect(await house.service.decide(name, { kind: 'cancel' }, mia)).toMatchObject({ ok: true });
    house.silences.down = undefined;
    house.store.latest = async () => stale;
    house.clock.advance(2 * minute);
    await house.service.reconcile(name);
    expect(isSilenced(house, name)).toBe(false);
  });
});

describe('an Alertmanager that cannot be used', () => {
  it('stops no reboot, and is told once', async () => {
    const house = houseWith();
    house.silences.down = 'it cannot be reached (ECONNREFUSED)';
    const name = await approved(house);
    await house.pass(5 * minute);
    await house.boots(node);
    await house.pass(2 * minute);
    expect(phaseOf(house, name)).toBe('Succeeded');
    expect(told(house, name)).toMatchObject([
      { reason: expect.stringMatching(/Alerts of worker-03 are not silenced: .*ECONNREFUSED/) },
    ]);
  });

  it('is tried again every minute, and used when it answers', async () => {
    const house = houseWith();
    house.cluster.drains([]);
    house.silences.down = 'it cannot be reached';
    const name = await approved(house);
    await house.pass(59 * second);
    expect(house.silences.log).toHaveLength(1);
    house.silences.down = undefined;
    await house.pass(16 * second);
    expect(isSilenced(house, name)).toBe(true);
  });

  it('is told once, whichever bots find that out', async () => {
    const house = houseWith();
    house.cluster.drains([]);
    house.silences.down = 'it cannot be reached';
    const reboot = house.reboot(await approved(house));
    const again = { type: 'silence-failed', problem: 'it answers with status 503' } as const;
    const step = transition(reboot, again, { pool: aPool(), now: house.clock.now() });
    expect(step.ok && step.reboot).toBe(reboot);
  });

  it('is told once by a bot whose cluster does not keep that, without an end', async () => {
    const house = houseWith();
    house.cluster.drains([]);
    house.silences.down = 'it cannot be reached';
    const save = house.store.save.bind(house.store);
    let refused = 0;
    house.store.save = async (reboot) => {
      if (!reboot.history.some(({ what }) => what === 'silence-failed')) return save(reboot);
      refused += 1;
      throw new Error('what: unsupported value');
    };
    const { name, need } = await house.sentinel();
    await house.service.decide(name, { kind: 'approve', mode: 'now', digest: need.digest }, mia);
    await expect(house.settle()).rejects.toThrow('unsupported');
    for (let time = 0; time < 10; time += 1) {
      await house.service.reconcile(name);
      await house.settle();
      await house.pass(minute);
    }
    expect([refused, phaseOf(house, name)]).toEqual([1, 'Draining']);
  });
});
