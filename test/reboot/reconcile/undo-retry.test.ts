/** A drain that does not succeed: what is put back, when it is tried again, and when a person is asked. */
import { describe, expect, it } from 'vitest';
import { decisionsIn } from '../../../src/reboot/state/decision.ts';
import type { PoolPolicy } from '../../../src/reboot/policy/policy.ts';
import type { DrainEvent } from '../../../src/reboot/ports/cluster/drains.ts';
import type { FailureCode, Reboot } from '../../../src/reboot/state/reboot.ts';
import { hour, minute, second } from '../../../src/reboot/time/time.ts';
import type { RebootEvent } from '../../../src/reboot/machine/events/events.ts';
import { transition } from '../../../src/reboot/machine/transition.ts';
import {
  aDrainPolicy,
  aNeed,
  aNode,
  aPerson,
  aPolicy,
  aPool,
  aReport,
  at,
  lee,
  mia,
  noon,
} from '../../fakes/builders.ts';
import { type ServiceHarness, serviceHarness } from '../../fakes/service-harness.ts';
import { anUndo, draining, inState, resting, undoing } from '../../fakes/states.ts';

const pg = { budget: 'db/pg', needed: 2, healthy: 2, allowed: 0, pod: 'db/pg-0', since: at(0) };
const held = { at: at(0), total: 3, gone: 1, leaving: [], waiting: [pg], trouble: [] };
const timesOut: readonly DrainEvent[] = [
  { kind: 'progress', progress: held },
  { kind: 'failed', code: 'drain-timeout', sentence: 'The drain did not end within 15 min.' },
];
const succeeds: readonly DrainEvent[] = [{ kind: 'drained', pods: 3 }];

function after(reboot: Reboot, event: RebootEvent, pool: Partial<PoolPolicy> = {}, now = noon): Reboot {
  const step = transition(reboot, event, { pool: aPool(pool), now });
  if (!step.ok) throw new Error(step.rejection.sentence);
  return step.reboot;
}

describe('a drain that fails before the order', () => {
  const fails = (code: FailureCode, onTimeout: PoolPolicy['drain']['onTimeout']): Reboot =>
    after(
      inState(draining({ drain: held, since: at(-15 * minute) })),
      { type: 'drain-failed', code, sentence: 'Nothing was evicted. Pod a/b has no controller.' },
      { drain: aDrainPolicy({ onTimeout }) },
    );

  it.each(['drain-timeout', 'drain-refused', 'drain-error'] as const)(
    'is undone (%s), and the pool that wants it so leaves it as it is and asks',
    (code) => {
      for (const onTimeout of ['undo', 'force'] as const)
        expect(fails(code, onTimeout).state).toMatchObject({
          phase: 'Undoing',
          undo: { why: code.replace('drain-', ''), times: 1, pods: ['db/pg-0'], budgets: ['db/pg'] },
        });
      expect(fails(code, 'fail').state).toMatchObject({ phase: 'Failed', code });
    },
  );

  it('asks at once where somebody uncordoned the node by hand: that may have been the brake', () => {
    expect(fails('uncordoned-by-other', 'undo').state).toMatchObject({ phase: 'Failed' });
  });

  it.each<[string, Partial<Parameters<typeof draining>[0]>, FailureCode, string | undefined, string]>([
    [
      'a budget that allows nothing',
      {},
      'drain-timeout',
      undefined,
      'budget db/pg allowed nothing for 15 min',
    ],
    [
      'budgets that are slow',
      { drain: { ...held, gone: 2, wentAt: at(-minute) } },
      'drain-timeout',
      undefined,
      'pods still waited for budget db/pg after 15 min',
    ],
    [
      'pods that do not end',
      { drain: { ...held, waiting: [], leaving: ['a/b', 'a/c'] } },
      'drain-timeout',
      undefined,
      'pods a/b and a/c had not ended after 15 min',
    ],
    [
      'pods that may not go',
      {},
      'drain-refused',
      'cannot-succeed',
      'Nothing was evicted. Pod a/b has no controller',
    ],
    [
      'what was forced already',
      { force: { by: mia, at: at(0), reason: 'x' }, drain: { ...held, waiting: [], leaving: ['a/b'] } },
      'drain-timeout',
      'forced',
      'pod a/b had not ended after 15 min',
    ],
    [
      'a budget that never allows it',
      { drain: { ...held, waiting: [{ ...pg, kind: 'never', written: 'minAvailable: 3', expected: 3 }] } },
      'drain-timeout',
      'cannot-succeed',
      'budget db/pg never allows it as it is written (minAvailable: 3, of 3 pods)',
    ],
    [
      'a third time',
      { undone: 2 },
      'drain-timeout',
      'tried-enough',
      'budget db/pg allowed nothing for 15 min',
    ],
  ])('says what held it: %s', (_, state, code, needsPerson, cause) => {
    const before = {
      drain: { ...held, waiting: [{ ...pg, since: at(-15 * minute) }] },
      since: at(-15 * minute),
    };
    const event = {
      type: 'drain-failed',
      code,
      sentence: 'Nothing was evicted. Pod a/b has no controller.',
    } as const;
    const undone = after(inState(draining({ ...before, ...state })), event).state;
    expect(undone).toMatchObject({ phase: 'Undoing', undo: { cause } });
    expect(undone.phase === 'Undoing' && undone.undo.needsPerson).toBe(needsPerson);
  });
});

describe('a drain that is being undone', () => {
  const seen = (node: Parameters<typeof aNode>[0], need = aNeed()): RebootEvent => ({
    type: 'observed',
    observation: {
      node: aNode(node),
      agent: { node: 'worker-03', report: aReport() },
      daemonPodsNotReady: [],
    },
    need,
  });

  it('goes on waiting by the same decision when it is cleaned up, and the thread is told once', () => {
    const { state, history } = after(inState(undoing()), { type: 'cleaned-up' });
    expect(state).toEqual(resting());
    expect(decisionsIn(history)).toMatchObject([
      {
        what: 'undone',
        at: at(0),
        reason:
          "worker-03's drain was undone: budget db/pg allowed nothing for 15 min. The node takes pods again; next try in 5 min, or as soon as the budget has room (1 of 3).",
      },
    ]);
  });

  it.each([
    ['us', 'The node takes pods again;'],
    ['other', 'The node stays cordoned, as somebody else had cordoned it;'],
    [undefined, 'The node is as it was before;'],
  ] as const)('says what became of a node that was cordoned by %s', (cordon, words) => {
    const { cordon: _, ...rest } = undoing();
    const { history } = after(inState(cordon === undefined ? rest : { ...rest, cordon }), {
      type: 'cleaned-up',
    });
    expect(decisionsIn(history).at(-1)?.reason).toContain(words);
  });

  it('can be cancelled for good, and is overtaken by a boot or a replaced node', () => {
    expect(after(inState(undoing()), { type: 'cancelled', by: mia }).state).toMatchObject({
      phase: 'Cancelled',
      from: 'Undoing',
    });
    for (const [node, why] of [
      [{ bootId: 'boot-2' }, 'booted'],
      [{ uid: 'other' }, 'node-replaced'],
    ] as const)
      expect(after(inState(undoing()), seen(node)).state).toMatchObject({
        phase: 'Superseded',
        why,
      });
  });

  it('asks again when riskier packages came meanwhile: only once the node has been put back', () => {
    const riskier = seen({ unschedulable: true }, aNeed({ digest: 'beef', riskDigest: 'bbbb' }));
    const undone = after(inState(undoing()), riskier);
    expect(undone.state.phase).toBe('Undoing');
    expect(after(after(undone, { type: 'cleaned-up' }), riskier).state).toMatchObject({
      phase: 'Pending',
      lapse: {},
    });
  });
});

describe('a node that rests since its drain was undone', () => {
  it('is tried again at once when its budget has room, and how often it was tried is not forgotten', () => {
    const cleared = after(inState(resting()), { type: 'cleared', seenAt: noon + minute }, {}, noon + minute);
    expect(cleared.state).toMatchObject({ retry: { notBefore: at(minute), times: 1 } });
    expect(after(cleared, { type: 'turn-taken' }).state).toMatchObject({ phase: 'Draining', undone: 1 });
  });

  it('rests on when that was seen before it was put back', () => {
    const reboot = inState(resting());
    expect(after(reboot, { type: 'cleared', seenAt: noon - 1 })).toBe(reboot);
  });

  it('is not let go by a budget when a person has to decide', () => {
    const { notBefore: _, ...asks } = {
      ...anUndo({ needsPerson: 'tried-enough' }),
      at: at(0),
      notBefore: '',
    };
    const reboot = inState({ ...resting(), retry: asks });
    expect(after(reboot, { type: 'cleared', seenAt: noon + minute })).toBe(reboot);
  });

  it('starts a new series when somebody retries it', () => {
    const retried = after(inState(resting({ times: 2 })), { type: 'retried', by: lee });
    expect(retried.state).not.toHaveProperty('retry');
    expect(retried.history.at(-1)).toMatchObject({ what: 'tried-again', by: lee });
    expect(after(retried, { type: 'turn-taken' }).state).not.toHaveProperty('undone');
  });

  it('is drained by force at its next turn when somebody says so, and why', () => {
    const forced = after(inState(resting()), { type: 'forced', by: lee, reason: ' maintenance ' });
    expect(forced.state).toMatchObject({ phase: 'Approved', force: { by: lee, reason: 'maintenance' } });
    expect(after(forced, { type: 'turn-taken' }).state).toMatchObject({
      phase: 'Draining',
      force: { by: lee, reason: 'maintenance' },
    });
    expect(
      transition(inState(resting()), { type: 'forced', by: lee, reason: ' ' }, { pool: aPool(), now: noon }),
    ).toMatchObject({ ok: false, rejection: { code: 'reason-missing' } });
  });

  it('has nothing to retry when its pause is over', () => {
    const context = { pool: aPool(), now: noon + 5 * minute };
    expect(transition(inState(resting()), { type: 'retried', by: lee }, context)).toMatchObject({
      ok: false,
    });
  });
});

describe('a pool in which a node cannot be drained', () => {
  const pool = (overrides: Partial<PoolPolicy> = {}): PoolPolicy =>
    aPool({ maxUnavailable: { count: 2 }, ...overrides });

  async function approve(harness: ServiceHarness, node: string): Promise<string> {
    const { name, need } = await harness.sentinel({ name: node });
    await harness.service.decide(name, { kind: 'approve', mode: 'now', digest: need.digest }, aPerson());
    await harness.settle();
    return name;
  }
  const phase = (harness: ServiceHarness, name: string): string => harness.reboot(name).state.phase;
  const drains = (harness: ServiceHarness): number =>
    harness.cluster.log.filter((line) => line.startsWith('drain')).length;

  it('gives its turn on, is not halted, tries again after 5 min and after 30 min, and then asks a person', async () => {
    const harness = serviceHarness(aPolicy({ pools: [pool()] }));
    harness.cluster.drains([...timesOut], [...succeeds], [...timesOut]);
    const first = await approve(harness, 'w1');
    expect(harness.reboot(first).state).toMatchObject({ phase: 'Approved', retry: { times: 1 } });
    expect(harness.cluster.node('w1').unschedulable).toBe(false);
    expect(harness.ledger.now().turns).toEqual([]);

    const next = await approve(harness, 'w2');
    expect(phase(harness, next)).toBe('Rebooting');
    await harness.boots('w2', 'boot-9');
    await harness.pass(2 * minute);
    expect(phase(harness, next)).toBe('Succeeded');

    expect(drains(harness)).toBe(2);
    await harness.pass(3 * minute);
    expect(drains(harness)).toBe(3);
    await harness.pass(30 * minute - second);
    expect(drains(harness)).toBe(3);
    await harness.pass(second);
    expect(drains(harness)).toBe(4);
    await harness.pass(24 * hour);
    expect(drains(harness)).toBe(4);
    expect(harness.reboot(first).state).toMatchObject({ retry: { needsPerson: 'tried-enough', times: 3 } });
    expect(harness.cluster.node('w1').unschedulable).toBe(false);
    expect(harness.chat.cards.get(first)?.blockers).toMatchObject([{ code: 'drain-needs-person' }]);
    const told = harness.reboot(first).history.filter(({ what }) => what === 'undone');
    expect(told.map(({ reason }) => reason?.split('; ').at(-1))).toEqual([
      'next try in 5 min, or as soon as the budget has room (1 of 3).',
      'next try in 30 min, or as soon as the budget has room (2 of 3).',
      'that was the last of 3 tries, so somebody has to decide.',
    ]);

    harness.cluster.drains([...succeeds]);
    await harness.service.decide(first, { kind: 'retry' }, aPerson());
    await harness.settle();
    expect(phase(harness, first)).toBe('Rebooting');
  });

  it('tries it again as soon as the budget has room', async () => {
    const harness = serviceHarness(aPolicy({ pools: [pool()] }));
    harness.cluster.drains([...timesOut], [...succeeds]);
    const name = await approve(harness, 'w1');
    expect(harness.service.blockedReboots().map(({ reboot }) => reboot.name)).toEqual([name]);
    await harness.pass(minute);
    await harness.service.cleared([name]);
    await harness.settle();
    expect(phase(harness, name)).toBe('Rebooting');
  });

  it('does not while a pause holds it, and says so', async () => {
    const harness = serviceHarness(aPolicy({ pools: [pool()] }));
    harness.cluster.drains([...timesOut], [...succeeds]);
    const name = await approve(harness, 'w1');
    await harness.pauses.put({ scope: { kind: 'cluster' } });
    await harness.pass(minute);
    await harness.service.cleared([name]);
    await harness.pass(hour);
    expect(phase(harness, name)).toBe('Approved');
    expect(harness.chat.cards.get(name)?.blockers.map(({ code }) => code)).toEqual(['paused']);
  });

  it('watches nothing for one that a person has to decide about', async () => {
    const harness = serviceHarness(aPolicy({ pools: [pool({ drain: aDrainPolicy({ retryAfter: [] }) })] }));
    harness.cluster.drains([...timesOut]);
    const name = await approve(harness, 'w1');
    expect(harness.reboot(name).state).toMatchObject({ retry: { needsPerson: 'tried-enough', times: 1 } });
    expect(harness.service.blockedReboots()).toEqual([]);
  });

  it('loses nothing when the node cannot be uncordoned for a while: it keeps its turn, and is put back later', async () => {
    const harness = serviceHarness(aPolicy({ pools: [pool()] }));
    harness.cluster.drains([...timesOut]);
    const uncordon = harness.cluster.uncordon.bind(harness.cluster);
    harness.cluster.uncordon = async () => {
      throw new Error('killed');
    };
    await expect(approve(harness, 'w1')).rejects.toThrow('killed');
    const [reboot] = harness.store.all();
    const name = reboot?.name ?? '';
    expect(phase(harness, name)).toBe('Undoing');
    expect(harness.ledger.now().turns).toHaveLength(1);
    harness.waiting.length = 0;
    harness.wakes.length = 0;
    harness.cluster.uncordon = uncordon;
    await harness.service.resync();
    await harness.settle();
    expect(harness.reboot(name).state).toMatchObject({ phase: 'Approved', retry: { times: 1 } });
    expect(harness.cluster.node('w1').unschedulable).toBe(false);
    expect(harness.ledger.now().turns).toEqual([]);
    expect(harness.reboot(name).history.filter(({ what }) => what === 'undone')).toHaveLength(1);
  });
});
