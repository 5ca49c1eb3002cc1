/** Rollouts at each moment that their digest tells of, for snapshots and property tests. */
import type { RolloutView } from '../../src/reboot/rollout/rollout-facts.ts';
import { hour, minute } from '../../src/reboot/time/time.ts';
import { at, mia, noon } from '../fakes/builders.ts';

export const aRollout = (overrides: Partial<RolloutView> = {}): RolloutView => ({
  pool: 'workers',
  target: '6.8.0-49-generic',
  kernel: '6.8.0-49-generic',
  packages: [],
  size: 20,
  done: 0,
  stage: 0,
  stageEnds: [1, 2, 10, 20],
  underWay: [{ node: 'worker-01', phase: 'Draining' }],
  waiting: ['worker-02', 'worker-03'],
  undecided: ['worker-04', 'worker-05', 'worker-06', 'worker-07'],
  failed: [],
  leftOut: [],
  failures: 0,
  beganAt: noon,
  ...overrides,
});

/** The names are those of the snapshot files. */
export const rollouts: Readonly<Record<string, RolloutView>> = {
  canary: aRollout(),
  watched: aRollout({ done: 1, bakesUntil: noon + 30 * minute, underWay: [] }),
  batch: aRollout({
    done: 4,
    stage: 2,
    underWay: [
      { node: 'worker-05', phase: 'Rebooting' },
      { node: 'worker-06', phase: 'Settling' },
    ],
    leftOut: ['worker-09'],
    accepted: { by: mia, at: at(hour) },
  }),
  'last-batch': aRollout({ done: 12, stage: 3, undecided: [] }),
  waits: aRollout({
    done: 1,
    stage: 1,
    underWay: [],
    waitsFor: { code: 'outside-window', sentence: 'Its window opens later.', clears: 'It goes on then.' },
  }),
  halted: aRollout({
    done: 1,
    stage: 1,
    underWay: [],
    halted: {
      code: 'rollout-halted',
      sentence:
        'The rollout is halted: Deployment shop/cart has 1 of 3 pods ready; 3 were before worker-01 was rebooted.',
      clears: 'It goes on when it is as ready as before.',
      seen: at(hour),
    },
  }),
  failed: aRollout({ done: 1, stage: 1, underWay: [], failed: ['worker-02'], failures: 1 }),
  quiet: aRollout({ done: 7, stage: 2, underWay: [], waiting: [], undecided: [] }),
  packages: aRollout({
    target: 'b3',
    packages: [{ name: 'libc6', version: '2.39-0ubuntu8.3', risk: 'libc' }],
    kernel: undefined,
  } as unknown as Partial<RolloutView>),
  done: aRollout({
    done: 19,
    stage: 3,
    underWay: [],
    waiting: [],
    undecided: [],
    leftOut: ['worker-09'],
    failures: 2,
    endedAt: noon + 3 * hour + 12 * minute,
  }),
};
