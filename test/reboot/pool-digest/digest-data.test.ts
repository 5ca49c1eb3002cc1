import { describe, expect, it } from 'vitest';
import { digestData } from '../../../src/reboot/pool-digest/message/digest-data.ts';
import type { PoolDigestData } from '../../../src/reboot/pool-digest/message/digest-facts.ts';
import type { PoolDigest } from '../../../src/reboot/pool-digest/pool-digest.ts';
import { shownDigest } from '../../../src/reboot/pool-digest/pool-digest.ts';
import type { PoolPolicy } from '../../../src/reboot/policy/policy.ts';
import { hour, minute, toTimestamp } from '../../../src/reboot/time/time.ts';
import type { Reboot, RebootState } from '../../../src/reboot/state/reboot.ts';
import { aNeed, aPool, aReboot, at, mia, noon, pending } from '../../fakes/builders.ts';
import { draining, failed } from '../../fakes/states.ts';

const approved: RebootState = {
  phase: 'Approved',
  since: at(0),
  decision: { mode: 'now', at: at(0), digest: 'd', riskDigest: 'r', approvals: [] },
};
const succeeded = (total: number): RebootState => ({
  phase: 'Succeeded',
  since: at(-minute),
  decision: { mode: 'now', at: at(0), digest: 'd', riskDigest: 'r', approvals: [] },
  cordon: 'us',
  newBootId: 'b',
  kernel: 'k',
  pods: 3,
  took: { drain: 0, boot: 0, settle: 0, total },
});

const many = (count: number, of: Partial<Reboot>, prefix: string): readonly Reboot[] =>
  Array.from({ length: count }, (_, index) =>
    aReboot({
      name: `${prefix}${index}-x`,
      node: { name: `${prefix}${index}`, uid: `u${prefix}${index}` },
      ...of,
    }),
  );

function dataOf(
  reboots: readonly Reboot[],
  more: { digest?: Partial<PoolDigest>; pool?: Partial<PoolPolicy> } = {},
): PoolDigestData {
  const digest: PoolDigest = {
    id: 'abc',
    pool: 'workers',
    openedAt: at(-minute),
    revision: 1,
    oldest: 1,
    entries: reboots.map(({ name, need }) => ({ reboot: name, digest: shownDigest(need.digest), from: 1 })),
    decisions: [],
    chat: {},
    shown: [],
    ...more.digest,
  };
  return digestData(digest, {
    cluster: 'prod-eu',
    pool: aPool({ concurrency: 2, ...more.pool }),
    reboots,
    blocked: new Map(
      reboots
        .filter(({ state }) => state.phase === 'Approved')
        .map(({ name }) => [name, [{ code: 'turn-taken', sentence: `${name} waits.`, clears: '' }]]),
    ),
    left: 0,
    now: noon,
  });
}

describe('what the message of a digest shows', () => {
  it('counts each node once, those that are gone too', () => {
    const reboots = [
      ...many(3, { state: pending }, 'p'),
      ...many(2, { state: approved }, 'a'),
      ...many(1, { state: draining() }, 'd'),
      ...many(1, { state: failed() }, 'f'),
      ...many(4, { state: succeeded(minute) }, 's'),
    ];
    const gone = { reboot: 'gone-x', digest: 'd', from: 1 };
    const all = dataOf(reboots, {
      digest: { entries: [...reboots.map(({ name }) => ({ reboot: name, digest: 'd', from: 1 })), gone] },
    });
    expect(all.counts).toEqual({
      total: 12,
      asking: 3,
      snoozed: 0,
      denied: 0,
      waiting: 2,
      running: 1,
      failed: 1,
      done: 4,
      ended: 1,
    });
  });

  it('names the packages and kernels that nodes share, the riskiest first', () => {
    const kernel = { running: '6.8.0-45', next: '6.8.0-49' };
    const image = { name: 'linux-image', version: '6.8.0-49', risk: 'kernel' } as const;
    const libc = { name: 'libc6', version: '2.39', risk: 'libc' } as const;
    const data = dataOf([
      ...many(5, { state: pending, need: aNeed({ kernel, packages: [image] }) }, 'p'),
      ...many(2, { state: pending, need: aNeed({ kernel, packages: [libc, image] }) }, 'q'),
    ]);
    expect(data.packages).toEqual([
      { name: 'linux-image', risk: 'kernel', nodes: 7, versions: ['6.8.0-49'] },
      { name: 'libc6', risk: 'libc', nodes: 2, versions: ['2.39'] },
    ]);
    expect(data.kernels).toEqual([{ release: '6.8.0-49', nodes: 7 }]);
    expect(data.runningKernels).toEqual([{ release: '6.8.0-45', nodes: 7 }]);
  });

  it('groups what approved nodes wait for, and failures by their code', () => {
    const data = dataOf([
      ...many(3, { state: approved }, 'a'),
      ...many(2, { state: failed({ code: 'drain-timeout' }) }, 'f'),
      ...many(1, { state: failed({ code: 'wrong-kernel' }) }, 'g'),
    ]);
    expect(data.waitsFor).toEqual([{ code: 'turn-taken', sentence: 'a0-x waits.', nodes: 3, first: 'a0' }]);
    expect(data.failed.map(({ code, nodes }) => [code, nodes])).toEqual([
      ['drain-timeout', 2],
      ['wrong-kernel', 1],
    ]);
  });

  it('says how long the rest takes, from measured durations and as many at a time as the pool allows', () => {
    const done = many(3, { state: succeeded(4 * minute) }, 's');
    expect(dataOf([...done, ...many(6, { state: approved }, 'a')]).timeLeft).toBe(12 * minute);
    expect(dataOf([...done, ...many(5, { state: pending }, 'p')]).wouldTake).toBe(12 * minute);
    expect(dataOf(many(5, { state: pending }, 'p'))).not.toHaveProperty('wouldTake');
  });

  it('says when the rule approves: the notice counts from the message that showed the nodes', () => {
    const pool = { approval: 'auto', windows: [] } as const;
    const reboots = many(3, { state: pending }, 'p');
    const shown = [{ revision: 1, at: toTimestamp(noon + hour) }];
    expect(dataOf(reboots, { pool, digest: { shown } }).automatic).toEqual({ at: noon + hour, nodes: 3 });
    expect(dataOf(reboots).automatic).toBeUndefined();
  });

  it('sums up what the sample would disturb', () => {
    const [one, two, ...rest] = many(4, { state: pending }, 'p');
    if (!one || !two) throw new Error('two at least');
    const impact = {
      at: at(0),
      podsToMove: 10,
      podsStaying: 2,
      blockedBy: [],
      lost: ['default/debug'],
      emptyDir: [],
      refusals: [],
    };
    const data = dataOf([{ ...one, impact }, { ...two, impact }, ...rest]);
    expect(data.impact).toMatchObject({
      sampled: 2,
      of: 4,
      podsToMove: 20,
      lost: { count: 1, first: ['default/debug'] },
    });
  });

  it('says who decided what, and what became of it', () => {
    const [one] = many(1, { state: pending }, 'p');
    const request = { kind: 'approve', mode: 'now' } as const;
    const result = {
      at: at(1),
      applied: 0,
      refused: 1,
      refusals: [{ reboot: 'p0-x', sentence: 'It moved.' }],
    };
    const decisions = [{ id: 'k', revision: 1, of: 1, by: mia, at: at(0), request, result }];
    expect(dataOf(one ? [one] : [], { digest: { decisions } }).decisions).toMatchObject([
      {
        by: mia,
        of: 1,
        result: { applied: 0, refused: 1, refusals: [{ node: 'p0', sentence: 'It moved.' }] },
      },
    ]);
  });
});
