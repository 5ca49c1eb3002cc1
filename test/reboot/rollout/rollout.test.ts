/** Rollouts in stages: what belongs together, what is compared, and what halts. */
import { describe, expect, it } from 'vitest';
import { plan } from '../../../src/reboot/scheduling/plan/plan.ts';
import type { Reboot, RebootState } from '../../../src/reboot/state/reboot.ts';
import { sameRollout } from '../../../src/reboot/rollout/rollout.ts';
import { leaderOf } from '../../../src/reboot/rollout/rollout-view.ts';
import { hour, minute } from '../../../src/reboot/time/time.ts';
import { transition } from '../../../src/reboot/machine/transition.ts';
import { rolloutHalted, type WorkloadNow } from '../../../src/reboot/nodes/workloads.ts';
import { aNeed, aNode, aPool, at, mia, noon } from '../../fakes/builders.ts';
import { draining } from '../../fakes/states.ts';
import {
  approved,
  cart,
  compared,
  halt,
  held,
  nodes,
  of,
  planOf,
  policy,
  pool,
  snapshotOf,
  succeeded,
} from './rollout-setup.ts';

describe('the workloads of nodes that are done', () => {
  const canary = of('n1', succeeded(-31 * minute), { workloads: [cart] });

  it('are compared when the next start is the first of its stage', () => {
    expect(compared([canary, of('n2', approved)])).toEqual([{ ...cart, node: 'n1' }]);
  });

  it.each<[string, readonly Reboot[]]>([
    ['before the canary, which has nothing before it', [of('n1', approved)]],
    ['while another of the stage is under way', [canary, of('n2', draining()), of('n3', approved)]],
    [
      'when one of the stage is done already',
      [
        canary,
        of('n2', succeeded(-40 * minute)),
        of('n3', succeeded(-31 * minute)),
        of('n4', succeeded(0)),
        of('n5', approved),
      ],
    ],
    ['when somebody has accepted it', [of('n1', succeeded(-31 * minute)), of('n2', approved)]],
  ])('are not %s', (_, reboots) => {
    expect(compared(reboots)).toEqual([]);
  });

  it('are compared with the time when most of their pods were ready', () => {
    const second = of('n2', succeeded(-31 * minute), {
      workloads: [
        { ...cart, ready: 2 },
        { ...cart, name: 'web' },
      ],
    });
    expect(
      compared([of('n1', succeeded(-90 * minute), { workloads: [cart] }), second, of('n3', approved)]),
    ).toEqual([
      { ...cart, node: 'n1' },
      { ...cart, name: 'web', node: 'n2' },
    ]);
  });
});

describe('what was noted of the workloads of a node', () => {
  const context = { pool, now: noon };
  const noted = (state: RebootState): Reboot => of('n1', state, { workloads: [cart] });

  it('is noted anew by each start: what was before an earlier one may be long ago', () => {
    const step = transition(noted(approved), { type: 'turn-taken' }, context);
    expect(step.ok && step.reboot.state.phase).toBe('Draining');
    expect(step.ok && step.reboot.workloads).toBeUndefined();
  });

  it('stays when a cordon is told without it', () => {
    const step = transition(noted(draining()), { type: 'cordoned', owner: 'us' }, context);
    expect(step.ok && step.reboot.workloads).toEqual([cart]);
  });

  it('is accepted once, of a node that is done', () => {
    const event = { type: 'accepted', by: mia, reason: 'as it is' } as const;
    const step = transition(noted(succeeded(0)), event, context);
    expect(step.ok && [step.reboot.workloads, step.reboot.history]).toEqual([
      undefined,
      [{ at: at(0), what: 'accepted', by: mia, reason: 'as it is' }],
    ]);
    const again = step.ok ? transition(step.reboot, event, context) : step;
    expect(again.ok && again.reboot).toBe(step.ok && step.reboot);
    expect(transition(noted(draining()), event, context)).toMatchObject({ ok: false });
  });
});

describe('a workload', () => {
  const before = [{ ...cart, node: 'worker-1' }];
  const now = (ready: number, wanted: number): readonly WorkloadNow[] => [{ ...cart, ready, wanted }];

  it.each<[string, readonly WorkloadNow[], boolean]>([
    ['is as ready as before', now(3, 3), false],
    ['has one pod less', now(2, 3), true],
    ['was scaled down', now(1, 1), false],
    ['was scaled down, and lacks of what is left', now(0, 1), true],
    ['was scaled up, and is on its way there', now(3, 9), false],
    ['is gone', [], false],
  ])('that %s: %#', (_, found, halts) => {
    expect(rolloutHalted('workers', before, found) !== undefined).toBe(halts);
  });

  it('that halts is named with its numbers, and what can be done', () => {
    expect(rolloutHalted('workers', before, now(1, 3))).toEqual({
      code: 'rollout-halted',
      sentence:
        'The rollout is halted: Deployment shop/cart has 1 of 3 pods ready; 3 were before worker-1 was rebooted.',
      clears:
        'It goes on when it is as ready as before, or when an approver says so: "Go on" in its digest, or "/reboot resume workers".',
    });
  });

  it('among many that halt is named with two others', () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    const many = names.map((name) => ({ ...cart, name, node: 'n1' }));
    const none = names.map((name) => ({ ...cart, name, ready: 0, wanted: 1 }));
    const { sentence } = rolloutHalted('workers', many, none) ?? { sentence: '' };
    expect(sentence.match(/Deployment/g)).toHaveLength(3);
    expect(sentence).toMatch(/; and 2 more\.$/);
  });
});

describe('a rollout that is halted', () => {
  const done = of('n1', succeeded(-31 * minute), { workloads: [cart] });

  it('is halted for all that come after the one that was asked about, in its words', () => {
    const { starts, blocked } = planOf([done, of('n2', held), of('n3', approved), of('n4', approved)]);
    expect(starts).toEqual([]);
    for (const name of ['n3-r', 'n4-r']) expect(blocked.get(name)).toEqual([halt]);
  });

  it('lets the first be asked about again, whatever others were told', () => {
    const late = { need: aNeed({ since: at(-2 * hour) }) };
    expect(planOf([done, of('n2', approved, late), of('n3', held)]).starts).toEqual(['n2-r']);
  });

  it('halts no other rollout of the pool', () => {
    const other = aNeed({ kernel: { running: 'a', next: '6.8.0-111-generic' } });
    expect(planOf([done, of('n2', held), of('n3', approved, { need: other })]).starts).toEqual(['n3-r']);
  });
});

describe('a halted rollout of workers', () => {
  it('keeps no control-plane node from its reboot, as nothing does that waits for a person', () => {
    const done = of('n1', succeeded(-31 * minute), { workloads: [cart] });
    const facts = { osImage: 'Debian', controlPlane: true };
    const cp = of('cp-1', approved, { pool: 'control-plane', facts });
    const pools = [aPool({ name: 'control-plane', selector: 'cp=true' }), pool];
    const all = [...nodes, aNode({ name: 'cp-1', uid: 'uid-cp-1', labels: { cp: 'true' } })];
    const starts = (second: RebootState): readonly string[] => {
      const snapshot = { ...snapshotOf([done, of('n2', second), of('n3', approved), cp]), nodes: all };
      return plan(snapshot, { ...policy, pools }, noon).starts;
    };
    expect(starts(held)).toEqual(['cp-1-r']);
    expect(starts(approved)).not.toContain('cp-1-r');
  });
});

describe('what belongs to one rollout', () => {
  const plain = aNeed({ kernel: { running: 'a' }, riskDigest: 'of no risky package' });
  const on = (day: number): string => at(day * 24 * hour);
  const january = nodes.slice(0, 3).map(({ name }, n) =>
    of(name, succeeded(-30 * 24 * hour), {
      name: `${name}-january`,
      need: plain,
      createdAt: on(-31 + n / 10),
    }),
  );

  it('is not what a node was rebooted for before it asked again', () => {
    const again = ['n1', 'n2'].map((node, n) =>
      of(node, approved, { name: `${node}-again`, need: plain, createdAt: on(-1 + n / 10) }),
    );
    const [first] = again;
    if (!first) throw new Error('nobody asks');
    expect(sameRollout([...january, ...again], first).map(({ name }) => name)).toEqual([
      'n1-again',
      'n2-again',
    ]);
  });

  it('is what is still open when one asks again', () => {
    const open = of('n4', approved, { need: plain, createdAt: on(-31) });
    const again = of('n1', approved, { name: 'n1-again', need: plain, createdAt: on(-1) });
    expect(
      sameRollout([...january, open, again], again)
        .map(({ name }) => name)
        .toSorted(),
    ).toEqual(['n1-again', 'n4-r']);
  });

  it('is led by its oldest', () => {
    const reboots = [of('n1', approved, { createdAt: at(0) }), of('n2', approved, { createdAt: at(-hour) })];
    expect(leaderOf(reboots)?.name).toBe('n2-r');
  });
});
