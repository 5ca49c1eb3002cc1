/** What people are told of a rollout in stages. */
import { describe, expect, it } from 'vitest';
import { plan } from '../../../src/reboot/scheduling/plan/plan.ts';
import type { RebootState } from '../../../src/reboot/state/reboot.ts';
import { rolloutView } from '../../../src/reboot/rollout/rollout-view.ts';
import { minute } from '../../../src/reboot/time/time.ts';
import { at, mia, noon } from '../../fakes/builders.ts';
import { draining, failed, givenUp, resting, undoing } from '../../fakes/states.ts';
import {
  approved,
  halt,
  held,
  nodes,
  of,
  policy,
  rolloutIn,
  snapshotOf,
  succeeded,
  viewOf,
} from './rollout-setup.ts';

describe('what is told of a rollout', () => {
  it('is nothing before the first node has begun', () => {
    expect(
      viewOf([of('n1', approved), of('n2', { phase: 'Pending', since: at(0), approvals: [] })]),
    ).toBeUndefined();
  });

  it('is the stage, who is under way, who waits, and who was not decided on', () => {
    const reboots = [
      of('n1', draining({ since: at(-minute) })),
      of('n2', approved),
      of('n3', { phase: 'Pending', since: at(0), approvals: [] }),
      of('n4', { phase: 'Denied', since: at(0), by: mia, reason: 'no', riskDigest: 'a' }),
    ];
    expect(viewOf(reboots)).toMatchObject({
      kernel: '6.8.0-49-generic',
      size: 20,
      done: 0,
      stage: 0,
      stageEnds: [1, 2, 10, 20],
      underWay: [{ node: 'n1', phase: 'Draining' }],
      waiting: ['n2'],
      undecided: ['n3'],
      leftOut: ['n4'],
      failed: [],
      beganAt: noon - minute,
    });
  });

  it('is how long a stage is watched', () => {
    const view = viewOf([of('n1', succeeded(-10 * minute)), of('n2', approved)]);
    expect(view).toMatchObject({ done: 1, stage: 0, bakesUntil: noon + 20 * minute });
    expect(view?.waitsFor).toBeUndefined();
  });

  it('is what halts it, and what else keeps the next one from its start', () => {
    const done = of('n1', succeeded(-31 * minute));
    expect(viewOf([done, of('n2', held)])?.halted).toEqual({ ...halt, seen: at(-minute) });
    const paused = snapshotOf([done, of('n2', approved)]);
    const { blocked } = plan({ ...paused, pauses: [{ scope: { kind: 'cluster' } }] }, policy, noon);
    const about = { pool: 'workers', blocked, now: noon };
    expect(rolloutView(rolloutIn(paused.reboots), about)?.waitsFor).toMatchObject({ code: 'paused' });
  });

  it('is whose reboot failed, until somebody has decided about it', () => {
    const [open, over] = [failed(), givenUp()];
    expect(viewOf([of('n1', open)])).toMatchObject({ failed: ['n1'], leftOut: [], failures: 1 });
    expect(viewOf([of('n1', over)])).toMatchObject({ failed: [], leftOut: ['n1'], failures: 1 });
  });

  it('counts no failure of what was undone and tried again: that says nothing about the kernel', () => {
    const history = (['undone', 'tried-again'] as const).map((what) => ({ at: at(0), what, by: mia }));
    const [putBack, rests] = [of('n1', undoing()), { ...of('n2', resting()), history }];
    const done = of('n3', succeeded(-60 * minute));
    expect(viewOf([done, putBack, rests])).toMatchObject({
      failed: [],
      failures: 0,
      leftOut: [],
      underWay: [],
      waiting: ['n1', 'n2'],
    });
    expect(viewOf([done, putBack, rests])?.endedAt).toBeUndefined();
  });

  it('is its end, when every node is done or left out', () => {
    const all = nodes.map(({ name }, n) => of(name, succeeded(-20 * minute + n * minute)));
    expect(viewOf(all)).toMatchObject({
      done: 20,
      beganAt: noon - 21 * minute,
      endedAt: noon - minute,
      failures: 0,
    });
    const denied: RebootState = { phase: 'Denied', since: at(0), by: mia, reason: 'no', riskDigest: 'a' };
    expect(viewOf([...all.slice(1), of('n1', denied)])).toMatchObject({ done: 19, endedAt: noon });
    expect(viewOf([...all.slice(1), of('n1', approved)])?.endedAt).toBeUndefined();
  });

  it('is who let it go on', () => {
    const entry = { at: at(-minute), what: 'accepted', by: mia, reason: halt.sentence } as const;
    const done = of('n1', succeeded(-31 * minute), { history: [entry] });
    expect(viewOf([done, of('n2', approved)])?.accepted).toEqual({ by: mia, at: at(-minute) });
  });
});
