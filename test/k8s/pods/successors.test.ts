import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { podView, type PodView } from '../../../src/k8s/pods/pod-view.ts';
import { Successors } from '../../../src/k8s/pods/successors.ts';
import { toleratesCordon } from '../../../src/k8s/placement/placement.ts';
import type { KeptPod } from '../../../src/reboot/state/drain-facts.ts';

const controller = { apiVersion: 'example.org/v1', kind: 'Agents', name: 'a', uid: 'uid-a' };
const aPod = (uid: string, extra: Partial<PodView> = {}): PodView => ({
  ...podView({ metadata: { namespace: 'ops', name: `agent-${uid}`, uid }, spec: { nodeName: 'n1' } }),
  controller,
  ...extra,
});

describe('the pods that a drain leaves', () => {
  it('are those that came after the first list and do not heed the cordon', () => {
    const successors = new Successors([]);
    const there = aPod('1', { comesBack: 'tolerates' });
    successors.begin([there]);
    expect(successors.keeps(there)).toBeUndefined();
    expect(successors.keeps(aPod('2', { comesBack: 'tolerates' }))).toBe('tolerates');
    expect(successors.keeps(aPod('3', { comesBack: 'named' }))).toBe('named');
    expect(successors.keeps(aPod('4'))).toBeUndefined();
    expect(successors.among([there, aPod('2'), aPod('4')])).toEqual([
      { pod: 'ops/agent-2', uid: '2', why: 'tolerates', of: 'Agents ops/a' },
    ]);
  });

  it('are known to the process that takes the drain up, which evicts what is not among them', () => {
    const kept: KeptPod = { pod: 'ops/agent-2', uid: '2', why: 'tolerates', of: 'Agents ops/a' };
    const successors = new Successors([kept]);
    const [known, unknown] = ['2', '3'].map((uid) => aPod(uid, { comesBack: 'tolerates' }));
    if (!known || !unknown) throw new Error('two pods');
    successors.begin([known, unknown]);
    expect(successors.keeps(known)).toBe('tolerates');
    expect(successors.keeps(unknown)).toBeUndefined();
  });

  it('are all new ones of a controller that is known to make them without end', () => {
    const successors = new Successors([{ pod: 'ops/agent-2', uid: '2', why: 'again', of: 'Agents ops/a' }]);
    successors.begin([]);
    expect(successors.keeps(aPod('9'))).toBe('again');
    expect(successors.keeps(aPod('10', { controller: { ...controller, name: 'b' } }))).toBeUndefined();
  });

  it('bound the evictions of each controller, in whatever order its pods come and go', () => {
    let bounded = 0;
    fc.assert(
      fc.property(
        fc.nat({ max: 4 }),
        fc.array(fc.record({ owner: fc.nat({ max: 2 }), stays: fc.boolean() }), {
          minLength: 10,
          maxLength: 60,
          size: 'max',
        }),
        (first, arrivals) => {
          const ownedBy = (uid: string, owner: number): PodView =>
            aPod(uid, { controller: { ...controller, name: `c${owner}` } });
          const successors = new Successors([]);
          const firsts = Array.from({ length: first }, (_, nth) => ownedBy(`first-${nth}`, 0));
          successors.begin(firsts);
          successors.count(firsts);
          const moved = new Map<number, number>([[0, first]]);
          let present: PodView[] = [];
          for (const [nth, { owner, stays }] of arrivals.entries()) {
            const pod = ownedBy(`late-${nth}`, owner);
            present = [...(stays ? present : []), pod];
            const moving = present.filter((one) => successors.keeps(one) === undefined);
            successors.count(moving);
            if (moving.includes(pod)) moved.set(owner, (moved.get(owner) ?? 0) + 1);
            else bounded += 1;
          }
          expect(moved.get(0)).toBeLessThanOrEqual(3 * Math.max(1, first));
          for (const owner of [1, 2]) expect(moved.get(owner) ?? 0).toBeLessThanOrEqual(3);
        },
      ),
    );
    expect(bounded).toBeGreaterThan(500);
  });
});

describe('a pod tolerates the cordon', () => {
  const key = 'node.kubernetes.io/unschedulable';
  it.each<[string, object, boolean]>([
    ['by everything', { operator: 'Exists' }, true],
    ['by everything for NoSchedule', { operator: 'Exists', effect: 'NoSchedule' }, true],
    ['by its key', { key, operator: 'Exists' }, true],
    ['by its key and its empty value', { key, operator: 'Equal', value: '' }, true],
    ['by its key alone', { key, effect: 'NoSchedule' }, true],
    ['not by everything for NoExecute', { operator: 'Exists', effect: 'NoExecute' }, false],
    ['not by another value', { key, operator: 'Equal', value: 'true' }, false],
    ['not by another key', { key: 'node.kubernetes.io/not-ready', operator: 'Exists' }, false],
    ['not by no key', { operator: 'Equal', value: '' }, false],
  ])('%s', (_how, toleration, is) => {
    expect(toleratesCordon({ spec: { tolerations: [toleration] } })).toBe(is);
  });
});
