/**
 * Attacks on what people have asked of the bot beside the reboot itself: waits, marks, rollouts in stages.
 */
import { describe, expect, it } from 'vitest';
import { gateCheck } from '../../../src/reboot/state/stored-blockers.ts';
import { noHooks } from '../../../src/reboot/deadlines/hook-waits.ts';
import type { HooksPolicy } from '../../../src/reboot/policy/pool-hooks.ts';
import type { PoolPolicy } from '../../../src/reboot/policy/policy.ts';
import { unexpectedStatus, statusOf } from '../../../src/k8s/api/kube-status.ts';
import { PortError } from '../../../src/reboot/ports/port-error.ts';
import type { Phase, Reboot } from '../../../src/reboot/state/reboot.ts';
import { minute, second } from '../../../src/reboot/time/time.ts';
import { rolloutHalted } from '../../../src/reboot/nodes/workloads.ts';
import { aNeed, aNode, aPerson, aPolicy, aPool, aReboot, aReport } from '../../fakes/builders.ts';
import { serviceHarness, type ServiceHarness } from '../../fakes/service-harness.ts';

const person = aPerson();
const caller = { person, channel: 'C0OPS' };
const harnessWith = (hooks: Partial<HooksPolicy>, pool: Partial<PoolPolicy> = {}): ServiceHarness =>
  serviceHarness(aPolicy({ pools: [aPool({ ...pool, hooks: { ...noHooks, ...hooks } })] }));
const approve = async (harness: ServiceHarness, name: string): Promise<void> => {
  const { need } = harness.reboot(name);
  await harness.service.decide(name, { kind: 'approve', mode: 'now', digest: need.digest }, person);
  await harness.settle();
};
const calls = (harness: ServiceHarness, kind: string): number =>
  harness.cluster.log.filter((entry) => entry.startsWith(`${kind} `)).length;

describe('a cluster whose custom resource definition is older than the bot', () => {
  const forgetting = (harness: ServiceHarness): void => {
    const save = harness.store.save.bind(harness.store);
    harness.store.save = (reboot) => {
      const {
        rebootDelay: _r,
        drainDelay: _d,
        ...state
      } = reboot.state as { rebootDelay?: unknown; drainDelay?: unknown };
      return save({ ...reboot, state: state as Reboot['state'] });
    };
  };
  it('does not drain a node again and again, although it does not keep the wait before the order', async () => {
    const harness = harnessWith({ rebootDelay: 30 * second });
    forgetting(harness);
    const { name } = await harness.sentinel();
    await approve(harness, name);
    expect(calls(harness, 'drain')).toBeLessThan(5);
  });
});

describe('a scan', () => {
  it('tells of nodes that cannot be read although the marks of another cannot be taken off', async () => {
    const harness = harnessWith({ preferNoSchedule: true });
    const { name } = await harness.sentinel({ name: 'n1', uid: 'uid-n1' });
    await harness.store.remove(name);
    harness.cluster.agentOf('n1').report = aReport({ required: 'no', packages: [] });
    harness.cluster.addNode(aNode({ name: 'n2', uid: 'uid-n2' }), {});
    harness.cluster.label = async () => {
      throw new PortError('cluster-refused', 'an admission webhook says no', { retryable: true });
    };
    for (let nth = 0; nth < 40; nth += 1) {
      harness.clock.advance(minute);
      await harness.service.resync().catch(() => undefined);
    }
    expect(harness.chat.notices).toHaveLength(1);
  });
});

describe('marks on a node', () => {
  const worn: Partial<HooksPolicy> = {
    labels: { before: { maintenance: 'true' }, after: {} },
    excludeFromLoadBalancers: true,
    preferNoSchedule: true,
    annotateState: true,
    drainDelay: 30 * second,
    rebootDelay: 30 * second,
  };
  type Way = (harness: ServiceHarness, name: string) => Promise<void>;
  /**
   * What somebody does, and how it ends: while the node is drained, and when it was told to reboot already.
   */
  const ways: Readonly<Record<string, readonly [Way, drained: Phase, ordered: Phase]>> = {
    'its pool is renamed, and somebody cancels': [
      async (harness, name) => {
        harness.policy(aPolicy({ pools: [aPool({ name: 'renamed' })] }));
        await harness.pass(10 * second);
        await harness.service.decide(name, { kind: 'cancel' }, person);
      },
      'Cancelled',
      'Succeeded',
    ],
    'the hooks are taken out of the configuration': [
      async (harness, name) => {
        harness.policy(aPolicy());
        await harness.pass(10 * second);
        await harness.service.decide(name, { kind: 'cancel' }, person);
      },
      'Cancelled',
      'Succeeded',
    ],
    'the node boots by itself': [async (harness) => harness.boots('worker-03'), 'Superseded', 'Succeeded'],
    // It comes back as cancelled, by hand as well (decision 0026).
    'its Reboot is deleted by hand': [
      async (harness, name) => harness.store.remove(name),
      'Cancelled',
      'Cancelled',
    ],
    'it is uncordoned by somebody, and the reboot is given up': [
      async (harness, name) => {
        harness.cluster.node('worker-03').unschedulable = false;
        await harness.queue.reconcileNode('worker-03');
        await harness.settle();
        await harness.service.decide(name, { kind: 'skip' }, person);
      },
      'GivenUp',
      'GivenUp',
    ],
  };
  it.each(
    [10 * second, 35 * second, 65 * second].flatMap((after) =>
      Object.keys(ways).map((way) => [after, way] as const),
    ),
  )('are gone, and those of others stay, when after %i ms %s', async (after, way) => {
    const harness = harnessWith(worn);
    const { name } = await harness.sentinel({ labels: { maintenance: 'planned', team: 'a' } });
    await approve(harness, name);
    await harness.pass(after);
    const [act, drained, ordered] = ways[way] ?? expect.unreachable();
    const wasOrdered = calls(harness, 'order') > 0;
    expect(wasOrdered).toBe(after > 60 * second);
    await act(harness, name);
    await harness.settle();
    // A boot that was ordered cannot be called back: it is waited for.
    if (harness.store.all()[0]?.state.phase === 'Rebooting') await harness.boots('worker-03');
    for (let nth = 0; nth < 3; nth += 1) {
      await harness.service.resync().catch(() => undefined);
      await harness.pass(2 * minute);
    }
    const node = harness.cluster.node('worker-03');
    expect(harness.store.all()[0]?.state.phase).toBe(wasOrdered ? ordered : drained);
    expect(node.labels).toEqual({ maintenance: 'planned', team: 'a' });
    expect(node.unschedulable).toBe(false);
  });
});

describe('what `/reboot status` says of a refused configuration', () => {
  it.each(['https://cal.example?key=s3cret', 'https://cal.example/s3cret', 'webcal://cal.example#s3cret'])(
    'shows of %s no more than where it is',
    async (address) => {
      const harness = serviceHarness();
      harness.refuses(`calendars[0]: Found "${address}". A calendar is written otherwise.`);
      const answer = await harness.service.status();
      expect(answer.ok && answer.status.refused).toContain('cal.example');
      expect(JSON.stringify(answer)).not.toContain('s3cret');
    },
  );
});

const cart = { kind: 'Deployment', namespace: 'shop', name: 'cart', ready: 3 } as const;
const staged = (overrides: Partial<PoolPolicy> = {}): PoolPolicy =>
  aPool({ settleTime: 5 * second, rollout: { canary: 1, bake: minute, batches: [100] }, ...overrides });

describe('a rollout in stages', () => {
  const of = (harness: ServiceHarness, node: string): Reboot => {
    const found = harness.store.all().find((reboot) => reboot.node.name === node);
    if (!found) throw new Error(`no reboot of ${node}`);
    return found;
  };
  const begin = async (
    policy = aPolicy({ pools: [staged()] }),
    names = ['n1', 'n2', 'n3'],
  ): Promise<ServiceHarness> => {
    const harness = serviceHarness(policy);
    harness.cluster.workloads = [cart];
    for (const name of names) await harness.sentinel({ name, uid: `uid-${name}` });
    return harness;
  };
  const done = async (harness: ServiceHarness, node: string): Promise<void> => {
    await harness.boots(node);
    await harness.pass(6 * second);
  };

  it('watches its canary for the whole time, also where no record of what has ended is kept', async () => {
    const harness = await begin(
      aPolicy({ pools: [staged()], history: { keep: 0, maxAge: 90 * 24 * 60 * minute } }),
    );
    for (const name of ['n1', 'n2', 'n3']) await approve(harness, of(harness, name).name);
    await done(harness, 'n1');
    await harness.service.resync();
    await harness.settle();
    expect(of(harness, 'n2').state.phase).toBe('Approved');
  });

  it('begins with its canary, although a node that has joined a moment ago runs the kernel already', async () => {
    const harness = await begin();
    harness.cluster.addNode(aNode({ name: 'n9', uid: 'uid-n9', kernel: '6.8.0-49-generic' }), {});
    harness.policy(
      aPolicy({ concurrency: 5, pools: [staged({ concurrency: 5, maxUnavailable: { count: 5 } })] }),
    );
    for (const name of ['n1', 'n2', 'n3']) await approve(harness, of(harness, name).name);
    expect(harness.store.all().filter(({ state }) => state.phase === 'Rebooting')).toHaveLength(1);
  });

  const haltNow = (harness: ServiceHarness): void => {
    const halted = rolloutHalted('workers', [{ ...cart, node: 'n1' }], [{ ...cart, ready: 1, wanted: 3 }]);
    for (const name of ['n2', 'n3']) if (halted) harness.gatekeeper.blocks.set(name, [halted]);
  };

  it('that is halted is not let go by who lifts a pause, and was not told of the halt', async () => {
    const harness = await begin();
    for (const name of ['n1', 'n2', 'n3']) await approve(harness, of(harness, name).name);
    await done(harness, 'n1');
    haltNow(harness);
    await harness.pass(minute);
    await harness.service.pause({ what: 'workers' }, caller);
    const answer = await harness.service.resume('workers', caller);
    expect(answer).toMatchObject({ ok: true, accepted: [], halts: [expect.stringContaining('shop/cart')] });
    expect(of(harness, 'n1').workloads).toEqual([cart]);
  });

  it('that is no rollout any more halts nobody', async () => {
    const harness = await begin();
    for (const name of ['n1', 'n2', 'n3']) await approve(harness, of(harness, name).name);
    await done(harness, 'n1');
    haltNow(harness);
    await harness.pass(minute);
    harness.policy(aPolicy({ pools: [aPool({ settleTime: 5 * second })] }));
    harness.gatekeeper.blocks.clear();
    await harness.pass(16 * second);
    expect(of(harness, 'n2').state.phase).toBe('Rebooting');
  });

  it.each([
    ['a guest', aPerson({ guest: true })],
    ['somebody else', aPerson({ id: 'U0EVE' })],
    ['a stranger', aPerson({ foreign: true })],
    ['an app', aPerson({ bot: true })],
  ])('is not let go by %s', async (_who, eve) => {
    const named = { approvers: { kind: 'named', users: ['U0MIA'], groups: [] } } as const;
    const harness = await begin(
      aPolicy({ pools: [staged(named), aPool({ name: 'others', selector: 'x=y' })] }),
    );
    for (const name of ['n1', 'n2', 'n3']) await approve(harness, of(harness, name).name);
    await done(harness, 'n1');
    haltNow(harness);
    await harness.pass(minute);
    const { state } = of(harness, 'n2');
    const seen = state.phase === 'Approved' ? (gateCheck(state)?.at ?? '') : '';
    expect(seen).not.toBe('');
    expect(await harness.service.decide(of(harness, 'n1').name, { kind: 'go-on', seen }, eve)).toMatchObject({
      ok: false,
      rejection: { code: 'not-allowed' },
    });
    expect(await harness.service.resume('workers', { person: eve, channel: 'C0OPS' })).toMatchObject({
      ok: false,
    });
    expect(of(harness, 'n1').workloads).toEqual([cart]);
  });

  it.each([
    ['shrinks', 20, 10],
    ['grows', 20, 40],
  ])('that is halted stays so when its pool %s', async (_how, before, after) => {
    const names = Array.from({ length: before }, (_, nth) => `n${nth + 1}`);
    const stages = staged({ rollout: { canary: 1, bake: minute, batches: [10, 100] } });
    const harness = await begin(aPolicy({ pools: [stages] }), names);
    for (const name of ['n1', 'n2', 'n3']) await approve(harness, of(harness, name).name);
    await done(harness, 'n1');
    await harness.pass(minute);
    await done(harness, 'n2');
    const halted = rolloutHalted('workers', [{ ...cart, node: 'n1' }], [{ ...cart, ready: 1, wanted: 3 }]);
    // As the real one: it halts every Reboot that has something to compare.
    const ask = harness.gatekeeper.ask.bind(harness.gatekeeper);
    harness.gatekeeper.ask = async (question) => [
      ...(await ask(question)),
      ...(halted && (question.before ?? []).length > 0 ? [halted] : []),
    ];
    await harness.pass(minute);
    expect(of(harness, 'n3').state).toMatchObject({
      phase: 'Approved',
      blockers: [{ code: 'rollout-halted', source: 'gatekeeper' }],
    });
    for (let nth = before; nth > after; nth -= 1) harness.cluster.removeNode(`n${nth}`);
    for (let nth = before + 1; nth <= after; nth += 1)
      harness.cluster.addNode(aNode({ name: `n${nth}`, uid: `uid-n${nth}` }), {});
    await harness.pass(minute);
    expect(of(harness, 'n3').state.phase).toBe('Approved');
  });

  it('goes on without comparing, where the API server answers 403, as it does to a client without the right', async () => {
    const harness = await begin();
    harness.cluster.workloadsOn = async () => {
      throw unexpectedStatus(statusOf({ message: 'forbidden' }, 403), 'reading');
    };
    const { name } = of(harness, 'n1');
    await approve(harness, name).catch(() => undefined);
    // An API server that has just started says the same for a moment.
    expect(of(harness, 'n1').state.phase).toBe('Draining');
    harness.clock.set(harness.clock.now() + 20 * second);
    await harness.queue.reconcile(name);
    await harness.settle();
    expect(of(harness, 'n1').state.phase).toBe('Rebooting');
    expect(of(harness, 'n1')).not.toHaveProperty('workloads');
  });

  it('is not let go by the button of another rollout of the pool', async () => {
    const harness = await begin();
    for (const name of ['n1', 'n2', 'n3']) await approve(harness, of(harness, name).name);
    await done(harness, 'n1');
    haltNow(harness);
    await harness.pass(minute);
    const { state } = of(harness, 'n2');
    const seen = state.phase === 'Approved' ? (gateCheck(state)?.at ?? '') : '';
    const other = aReboot({
      name: 'old',
      node: { name: 'n8', uid: 'u8' },
      need: aNeed({ kernel: { running: 'a', next: 'b' } }),
    });
    harness.store.put(other);
    expect(await harness.service.decide('old', { kind: 'go-on', seen }, person)).toMatchObject({ ok: false });
    expect(await harness.service.decide('gone', { kind: 'go-on', seen }, person)).toMatchObject({
      ok: false,
    });
    expect(
      await harness.service.decide(of(harness, 'n1').name, { kind: 'go-on', seen: '' }, person),
    ).toMatchObject({ ok: false });
    expect(of(harness, 'n1').workloads).toEqual([cart]);
  });
});
