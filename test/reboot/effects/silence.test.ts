import { describe, expect, it } from 'vitest';
import { noHooks } from '../../../src/reboot/deadlines/hook-waits.ts';
import type { PoolPolicy } from '../../../src/reboot/policy/policy.ts';
import type { SilencePolicy } from '../../../src/reboot/policy/pool-hooks.ts';
import { minute, second } from '../../../src/reboot/time/time.ts';
import { transition } from '../../../src/reboot/machine/transition.ts';
import { aPerson, aPolicy, aPool } from '../../fakes/builders.ts';
import { serviceHarness, type ServiceHarness } from '../../fakes/service-harness.ts';

const mia = aPerson();
const node = 'worker-03';
const silence: SilencePolicy = {
  access: { url: 'http://alertmanager:9093', headers: {} },
  matchers: [{ name: 'node', value: '{node}', isRegex: false, isEqual: true }],
};
const harnessWith = (pool: Partial<PoolPolicy> = {}): ServiceHarness =>
  serviceHarness(aPolicy({ pools: [aPool({ hooks: { ...noHooks, silence }, ...pool })] }));

async function decide(
  harness: ServiceHarness,
  name: string,
  request: Parameters<ServiceHarness['service']['decide']>[1],
): Promise<void> {
  expect(await harness.service.decide(name, request, mia)).toMatchObject({ ok: true });
  await harness.settle();
}
async function approved(harness: ServiceHarness): Promise<string> {
  const { name, need } = await harness.sentinel();
  await decide(harness, name, { kind: 'approve', mode: 'now', digest: need.digest });
  return name;
}
const isSilenced = ({ silences, clock }: ServiceHarness, name: string): boolean =>
  (silences.active.get(name) ?? 0) > clock.now();
const phaseOf = (harness: ServiceHarness, name: string) => harness.reboot(name).state.phase;
const told = (harness: ServiceHarness, name: string) =>
  harness.reboot(name).history.filter(({ what }) => what === 'silence-failed');

describe('alerts of a node', () => {
  it('are silenced from the cordon to the uncordon', async () => {
    const harness = harnessWith();
    const cordon = harness.cluster.cordon.bind(harness.cluster);
    harness.cluster.cordon = async (...args) => {
      expect(harness.silences.log).toEqual([]);
      return cordon(...args);
    };
    const uncordon = harness.cluster.uncordon.bind(harness.cluster);
    harness.cluster.uncordon = async (...args) => {
      expect(harness.silences.active.size).toBe(1);
      return uncordon(...args);
    };
    const name = await approved(harness);
    expect([phaseOf(harness, name), isSilenced(harness, name)]).toEqual(['Rebooting', true]);
    await harness.boots(node);
    expect([phaseOf(harness, name), isSilenced(harness, name)]).toEqual(['Settling', true]);
    await harness.pass(minute);
    expect([phaseOf(harness, name), isSilenced(harness, name)]).toEqual(['Succeeded', false]);
    expect(harness.silences.log.filter((entry) => entry.startsWith('keep'))).toHaveLength(1);
  });

  it('are silenced for as long as it takes, and the Alertmanager is asked rarely for that', async () => {
    const harness = harnessWith({ rebootTimeout: 200 * minute });
    const name = await approved(harness);
    for (let passed = 0; passed < 180; passed += 1) {
      await harness.pass(minute);
      expect(isSilenced(harness, name)).toBe(true);
    }
    expect(harness.silences.log.length).toBeLessThan(30);
  });

  it('are silenced anew long before that ends', async () => {
    const harness = harnessWith({ rebootTimeout: 200 * minute });
    const keep = harness.silences.keep.bind(harness.silences);
    const left: number[] = [];
    harness.silences.keep = async (wish) => {
      left.push((harness.silences.active.get(wish.reboot) ?? Number.POSITIVE_INFINITY) - harness.clock.now());
      return keep(wish);
    };
    await approved(harness);
    await harness.pass(120 * minute);
    expect(left.length).toBeGreaterThan(5);
    expect(Math.min(...left)).toBeGreaterThan(10 * minute);
  });

  it('are silenced at once for a retry that follows its failure at once', async () => {
    const harness = harnessWith();
    const name = await approved(harness);
    harness.cluster.node(node).ready = false;
    await harness.pass(10 * minute);
    expect([phaseOf(harness, name), isSilenced(harness, name)]).toEqual(['Failed', false]);
    await decide(harness, name, { kind: 'retry' });
    expect(isSilenced(harness, name)).toBe(true);
  });

  it.each(['cancelled', 'undone', 'deleted'])('are heard again when the drain is %s', async (how) => {
    const harness = harnessWith({ giveUpTurnAfter: 0 });
    harness.cluster.drains(
      how === 'undone' ? [{ kind: 'failed', code: 'drain-error', sentence: 'No.' }] : [],
    );
    const ended: string[] = [];
    const end = harness.silences.end.bind(harness.silences);
    harness.silences.end = async (wish) => {
      ended.push(wish.reboot);
      expect(harness.cluster.node(node).unschedulable).toBe(false);
      return end(wish);
    };
    const name = await approved(harness);
    if (how !== 'undone') expect(isSilenced(harness, name)).toBe(true);
    if (how === 'cancelled') await decide(harness, name, { kind: 'cancel' });
    if (how === 'deleted') {
      const last = harness.reboot(name);
      await harness.store.remove(name);
      await harness.service.rebootDeleted(last);
      await harness.settle();
    }
    expect([isSilenced(harness, name), ended]).toEqual([false, [name]]);
  });

  it('are heard again when the reboot has failed, although the node stays cordoned, and silenced for a retry', async () => {
    const harness = harnessWith();
    const name = await approved(harness);
    harness.cluster.node(node).ready = false;
    await harness.pass(11 * minute);
    expect([phaseOf(harness, name), isSilenced(harness, name)]).toEqual(['Failed', false]);
    expect(harness.cluster.node(node).unschedulable).toBe(true);
    await harness.pass(60 * minute);
    expect(isSilenced(harness, name)).toBe(false);
    await decide(harness, name, { kind: 'retry' });
    expect(isSilenced(harness, name)).toBe(true);
  });

  it('cost nothing where nothing was disturbed, or no silence is wanted', async () => {
    const harness = harnessWith({ concurrency: 0 });
    const { name } = await harness.sentinel();
    await decide(harness, name, { kind: 'approve', mode: 'now', digest: harness.reboot(name).need.digest });
    await decide(harness, name, { kind: 'cancel' });
    const other = harnessWith({ hooks: noHooks });
    await approved(other);
    await other.boots(node);
    await other.pass(minute);
    expect([harness.silences.log, other.silences.log]).toEqual([[], []]);
  });

  it('are not silenced by a bot that has not heard of the cancel', async () => {
    const harness = harnessWith();
    harness.cluster.drains([]);
    harness.silences.down = 'it cannot be reached';
    const name = await approved(harness);
    const stale = harness.reboot(name);
    expect(await harness.service.decide(name, { kind: 'cancel' }, mia)).toMatchObject({ ok: true });
    harness.silences.down = undefined;
    harness.store.latest = async () => stale;
    harness.clock.advance(2 * minute);
    await harness.service.reconcile(name);
    expect(isSilenced(harness, name)).toBe(false);
  });
});

describe('an Alertmanager that cannot be used', () => {
  it('stops no reboot, and is told once', async () => {
    const harness = harnessWith();
    harness.silences.down = 'it cannot be reached (ECONNREFUSED)';
    const name = await approved(harness);
    await harness.pass(5 * minute);
    await harness.boots(node);
    await harness.pass(2 * minute);
    expect(phaseOf(harness, name)).toBe('Succeeded');
    expect(told(harness, name)).toMatchObject([
      { reason: expect.stringMatching(/Alerts of worker-03 are not silenced: .*ECONNREFUSED/) },
    ]);
  });

  it('is tried again every minute, and used when it answers', async () => {
    const harness = harnessWith();
    harness.cluster.drains([]);
    harness.silences.down = 'it cannot be reached';
    const name = await approved(harness);
    await harness.pass(59 * second);
    expect(harness.silences.log).toHaveLength(1);
    harness.silences.down = undefined;
    await harness.pass(16 * second);
    expect(isSilenced(harness, name)).toBe(true);
  });

  it('is told once, whichever bots find that out', async () => {
    const harness = harnessWith();
    harness.cluster.drains([]);
    harness.silences.down = 'it cannot be reached';
    const reboot = harness.reboot(await approved(harness));
    const again = { type: 'silence-failed', problem: 'it answers with status 503' } as const;
    const step = transition(reboot, again, { pool: aPool(), now: harness.clock.now() });
    expect(step.ok && step.reboot).toBe(reboot);
  });

  it('is told once by a bot whose cluster does not keep that, without an end', async () => {
    const harness = harnessWith();
    harness.cluster.drains([]);
    harness.silences.down = 'it cannot be reached';
    const save = harness.store.save.bind(harness.store);
    let refused = 0;
    harness.store.save = async (reboot) => {
      if (!reboot.history.some(({ what }) => what === 'silence-failed')) return save(reboot);
      refused += 1;
      throw new Error('what: unsupported value');
    };
    const { name, need } = await harness.sentinel();
    await harness.service.decide(name, { kind: 'approve', mode: 'now', digest: need.digest }, mia);
    await expect(harness.settle()).rejects.toThrow('unsupported');
    for (let time = 0; time < 10; time += 1) {
      await harness.service.reconcile(name);
      await harness.settle();
      await harness.pass(minute);
    }
    expect([refused, phaseOf(harness, name)]).toEqual([1, 'Draining']);
  });
});
