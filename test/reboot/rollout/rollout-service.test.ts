/** A rollout in stages, carried out: what is noted, asked, halted, let go and told. */
import { beforeEach, describe, expect, it } from 'vitest';
import { PortError } from '../../../src/reboot/ports/port-error.ts';
import type { PoolPolicy } from '../../../src/reboot/policy/policy.ts';
import type { Reboot } from '../../../src/reboot/state/reboot.ts';
import { minute, second } from '../../../src/reboot/time/time.ts';
import { rolloutHalted } from '../../../src/reboot/nodes/workloads.ts';
import { aPerson, aPolicy, aPool, aReport } from '../../fakes/builders.ts';
import { type ServiceHarness, serviceHarness } from '../../fakes/service-harness.ts';

const cart = { kind: 'Deployment', namespace: 'shop', name: 'cart', ready: 3 } as const;
const pool = (overrides: Partial<PoolPolicy> = {}): PoolPolicy =>
  aPool({ settleTime: 5 * second, rollout: { canary: 1, bake: minute, batches: [100] }, ...overrides });
const names = ['n1', 'n2', 'n3'] as const;
const person = aPerson();
const caller = { person, channel: 'C0OPS' };

describe('a rollout in stages', () => {
  let harness: ServiceHarness;
  const begin = async (policy = aPolicy({ pools: [pool()] })): Promise<void> => {
    harness = serviceHarness(policy);
    harness.cluster.workloads = [cart];
    for (const name of names) await harness.sentinel({ name, uid: `uid-${name}` });
  };
  const of = (node: string): Reboot => {
    const found = harness.store.all().find((reboot) => reboot.node.name === node);
    if (!found) throw new Error(`no reboot of ${node}`);
    return found;
  };
  const approve = async (node: string): Promise<void> => {
    const { name, need } = of(node);
    await harness.service.decide(name, { kind: 'approve', mode: 'now', digest: need.digest }, person);
    await harness.settle();
  };
  /** From its order to its proof. */
  const done = async (node: string): Promise<void> => {
    await harness.boots(node);
    await harness.pass(6 * second);
    expect(of(node)).toMatchObject({
      state: { phase: 'Succeeded' },
      cleanup: { endedAt: expect.any(String) },
    });
  };
  const halt = (): void => {
    const halted = rolloutHalted('workers', [{ ...cart, node: 'n1' }], [{ ...cart, ready: 1, wanted: 3 }]);
    for (const name of names) if (halted) harness.gatekeeper.blocks.set(name, [halted]);
  };
  const haltedAfterCanary = async (): Promise<void> => {
    await begin();
    for (const name of names) await approve(name);
    await done('n1');
    halt();
    await harness.pass(minute);
  };
  const led = () =>
    [...harness.chat.cards.values()].flatMap(({ rollout, reboot }) => (rollout ? [{ rollout, reboot }] : []));

  beforeEach(() => begin());

  it('notes how ready the workloads of a node are before it is cordoned', async () => {
    await approve('n1');
    expect(of('n1').workloads).toEqual([cart]);
    const calls = harness.cluster.log.filter((call) => /^(workloads|cordon) n1$/.test(call));
    expect(calls).toEqual(['workloads n1', 'cordon n1']);
  });

  it('asks nothing of the kind where the pool does not go in stages', async () => {
    await begin(aPolicy());
    await approve('n1');
    expect(of('n1').workloads).toBeUndefined();
    expect(harness.cluster.log).not.toContain('workloads n1');
  });

  it('does not begin a drain before that is known: an API server that is away is asked again', async () => {
    harness.cluster.workloadsOn = async () => {
      throw new PortError('cluster-unreachable', 'no answer', { retryable: true });
    };
    await expect(approve('n1')).rejects.toThrow('no answer');
    expect(harness.cluster.log).not.toContain('cordon n1');
    harness.cluster.workloadsOn = async () => [cart];
    await harness.queue.reconcile(of('n1').name);
    await harness.settle();
    expect(of('n1')).toMatchObject({ state: { phase: 'Rebooting' }, workloads: [cart] });
  });

  it('goes on without comparing where it may not look', async () => {
    harness.cluster.workloadsOn = async () => {
      throw new PortError('cluster-refused', 'forbidden', { retryable: false });
    };
    await approve('n1');
    expect(of('n1').state.phase).toBe('Rebooting');
    expect(of('n1').workloads).toBeUndefined();
  });

  it('compares with what was there before the first try, when a drain is retried', async () => {
    await begin(aPolicy({ pools: [pool({ drain: { ...aPool().drain, onTimeout: 'fail' } })] }));
    harness.cluster.drains(
      [{ kind: 'failed', code: 'drain-timeout', sentence: 'too long' }],
      [{ kind: 'drained', pods: 1 }],
    );
    await approve('n1');
    harness.cluster.workloads = [{ ...cart, ready: 0 }];
    await harness.service.decide(of('n1').name, { kind: 'retry' }, person);
    await harness.settle();
    expect(of('n1')).toMatchObject({ state: { phase: 'Rebooting' }, workloads: [cart] });
  });

  it('asks whether they are as ready as before when the canary has been watched, and not inside the batch', async () => {
    for (const name of names) await approve(name);
    await done('n1');
    expect(harness.gatekeeper.asked).toEqual(['n1']);
    await harness.pass(minute);
    expect(harness.gatekeeper.questions.at(-1)).toMatchObject({
      node: { name: 'n2' },
      before: [{ ...cart, node: 'n1' }],
    });
    await done('n2');
    expect(of('n3').state.phase).toBe('Rebooting');
    expect(harness.gatekeeper.questions.at(-1)).toMatchObject({ node: { name: 'n3' } });
    expect(harness.gatekeeper.questions.at(-1)?.before).toBeUndefined();
  });

  it('comes to its next stage when its time is over, without a scan', async () => {
    await approve('n1');
    await approve('n2');
    await done('n1');
    expect(of('n2').state.phase).toBe('Approved');
    await harness.pass(minute);
    expect(of('n2').state.phase).toBe('Rebooting');
  });

  it('is halted for all nodes while one of them is asked about again and again', async () => {
    await haltedAfterCanary();
    const asked = harness.gatekeeper.asked.length;
    await harness.pass(minute);
    expect(new Set(harness.gatekeeper.asked.slice(asked))).toEqual(new Set(['n2']));
    const why = await harness.service.why('n3');
    expect(why.ok && why.why.blockers.map(({ code }) => code)).toEqual(['rollout-halted']);
  });

  it('is shown on the cards of those that wait for it', async () => {
    await haltedAfterCanary();
    expect(harness.chat.cards.get(of('n3').name)?.blockers).toMatchObject([{ code: 'rollout-halted' }]);
  });

  it('goes on by itself when they are as ready as before', async () => {
    await haltedAfterCanary();
    harness.gatekeeper.blocks.clear();
    await harness.pass(15 * second);
    expect(of('n2').state.phase).toBe('Rebooting');
  });

  describe('that somebody lets go on', () => {
    const goOn = (seen: string, who = person) =>
      harness.service.decide(of('n1').name, { kind: 'go-on', seen }, who);
    const seen = (): string => led()[0]?.rollout.halted?.seen ?? '';
    beforeEach(async () => {
      await haltedAfterCanary();
      harness.gatekeeper.blocks.clear();
    });

    it('by the button of its digest compares no more with what was accepted, and starts the next node at once', async () => {
      expect(await goOn(seen())).toMatchObject({ ok: true });
      await harness.settle();
      expect(of('n2').state.phase).toBe('Rebooting');
      expect(harness.gatekeeper.questions.at(-1)?.before).toBeUndefined();
      expect(of('n1').workloads).toBeUndefined();
      expect(of('n1').history.at(-1)).toMatchObject({
        what: 'accepted',
        by: { kind: 'user', id: person.id },
        reason: expect.stringContaining('Deployment shop/cart has 1 of 3 pods ready'),
      });
    });

    it('stays halted when it is halted by something else than they saw', async () => {
      expect(await goOn('2020-01-01T00:00:00Z')).toMatchObject({
        ok: false,
        rejection: { code: 'halt-changed', sentence: expect.stringContaining('Deployment shop/cart') },
      });
      expect(of('n1').workloads).toEqual([cart]);
    });

    it('has to be somebody who may decide', async () => {
      expect(await goOn(seen(), aPerson({ guest: true }))).toMatchObject({
        ok: false,
        rejection: { code: 'not-allowed' },
      });
    });

    it('is told when nothing halts it any more', async () => {
      const before = seen();
      await goOn(before);
      await harness.settle();
      expect(await goOn(before)).toMatchObject({
        ok: false,
        rejection: { sentence: 'Nothing halts this rollout any more.' },
      });
    });

    it('by the name of the pool is the same, and is told what that accepted', async () => {
      expect(await harness.service.resume('workers', caller)).toMatchObject({
        ok: true,
        accepted: [expect.stringContaining('Deployment shop/cart has 1 of 3 pods ready')],
      });
      await harness.settle();
      expect(of('n2').state.phase).toBe('Rebooting');
    });
  });

  it('that is not halted is not resumed, as ever', async () => {
    expect(await harness.service.resume('workers', caller)).toMatchObject({
      ok: false,
      sentence: 'That pool is not paused.',
    });
  });

  describe('tells of itself', () => {
    it('by one of its Reboots, from the first start to the end', async () => {
      expect(led()).toEqual([]);
      for (const name of names) await approve(name);
      expect(led()).toMatchObject([{ reboot: { name: of('n1').name }, rollout: { done: 0, size: 3 } }]);
      await done('n1');
      expect(led()).toMatchObject([{ rollout: { done: 1, bakesUntil: expect.any(Number) } }]);
      await harness.pass(minute);
      await done('n2');
      await done('n3');
      expect(led()).toMatchObject([{ rollout: { done: 3, endedAt: expect.any(Number) } }]);
    });

    it('when it is halted, and by the status of its pool', async () => {
      await haltedAfterCanary();
      const halted = { sentence: expect.stringContaining('Deployment shop/cart') };
      expect(led()).toMatchObject([{ rollout: { halted } }]);
      const status = await harness.service.status('workers');
      expect(status.ok && status.status.rollouts).toMatchObject([{ halted, done: 1 }]);
      const all = await harness.service.status();
      expect(all.ok && all.status.rollouts).toBeUndefined();
    });

    it('not at all in a pool that its canary fills', async () => {
      await begin(aPolicy({ pools: [pool({ rollout: { canary: 3, bake: minute, batches: [100] } })] }));
      await approve('n1');
      expect(led()).toEqual([]);
    });
  });

  it('begins anew for the next kernel', async () => {
    for (const name of names) await approve(name);
    await done('n1');
    harness.cluster.agentOf('n1').report = aReport({
      bootId: 'boot-2',
      kernel: { running: '6.8.0-49-generic', newest: '6.8.0-50-generic' },
    });
    await harness.queue.reconcileNode('n1');
    await harness.settle();
    expect(harness.store.all().filter(({ node }) => node.name === 'n1')).toHaveLength(2);
    expect(led()).toMatchObject([{ rollout: { kernel: '6.8.0-49-generic', done: 1 } }]);
  });
});
