import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type JsonObject, numberAt } from '../../../demo/kube/json.ts';
import { budgetStatus } from '../../../demo/controllers/budget-status.ts';
import { outcomeCounts } from '../../property-runs.ts';

const now = Date.parse('2026-11-22T10:00:00Z');

interface PodSketch {
  readonly ready: boolean;
  readonly terminating: boolean;
}

const pod = (index: number, { ready, terminating }: PodSketch): JsonObject => ({
  metadata: {
    name: `pg-${index}`,
    namespace: 'db',
    labels: { app: 'pg' },
    ownerReferences: [{ uid: 'set', controller: true }],
    ...(terminating ? { deletionTimestamp: '2026-11-22T10:00:30Z' } : {}),
  },
  status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
});
const budget = (limit: JsonObject, status: JsonObject = {}): JsonObject => ({
  metadata: { name: 'pg', namespace: 'db', generation: 4 },
  spec: { ...limit, selector: { matchLabels: { app: 'pg' } } },
  status,
});
const up: PodSketch = { ready: true, terminating: false };
const judge = (
  limit: JsonObject,
  pods: readonly PodSketch[],
  options: { scale?: number; status?: JsonObject } = {},
): JsonObject =>
  budgetStatus({
    budget: budget(limit, options.status),
    pods: pods.map((one, index) => pod(index, one)),
    scaleOf: (uid) => (uid === 'set' ? (options.scale ?? pods.length) : undefined),
    now,
  });
const numbers = (status: JsonObject): readonly (number | undefined)[] =>
  ['expectedPods', 'desiredHealthy', 'currentHealthy', 'disruptionsAllowed'].map((key) =>
    numberAt(status, key),
  );

describe('the status of a budget', () => {
  it.each([
    ['minAvailable as a count', { minAvailable: 2 }, 3, [3, 2, 3, 1]],
    ['minAvailable as a share, rounded up', { minAvailable: '50%' }, 3, [3, 2, 3, 1]],
    ['maxUnavailable as a count', { maxUnavailable: 1 }, 3, [3, 2, 3, 1]],
    ['maxUnavailable as a share, rounded up', { maxUnavailable: '30%' }, 4, [4, 2, 4, 2]],
    ['maxUnavailable 0', { maxUnavailable: 0 }, 3, [3, 3, 3, 0]],
    ['minAvailable beyond what there is', { minAvailable: 5 }, 3, [3, 5, 3, 0]],
  ])('%s', (_what, limit, replicas, expected) => {
    expect(
      numbers(
        judge(
          limit,
          Array.from({ length: replicas }, () => up),
        ),
      ),
    ).toEqual(expected);
  });
  it('counts what should be there, not what is, where a share or a maximum is asked for', () => {
    expect(numbers(judge({ maxUnavailable: 1 }, [up, up], { scale: 3 }))).toEqual([3, 2, 2, 0]);
  });
  it('remembers a disruption until the pod is ending, or the controller stops believing in it', () => {
    const booked = { disruptedPods: { 'pg-0': '2026-11-22T09:59:30Z' } };
    expect(numbers(judge({ minAvailable: 2 }, [up, up, up], { status: booked }))).toEqual([3, 2, 2, 0]);
    const old = { disruptedPods: { 'pg-0': '2026-11-22T09:57:00Z' } };
    expect(numbers(judge({ minAvailable: 2 }, [up, up, up], { status: old }))).toEqual([3, 2, 3, 1]);
    const ending = judge({ minAvailable: 2 }, [{ ready: true, terminating: true }, up, up], {
      status: booked,
    });
    expect([numbers(ending), ending['disruptedPods']]).toEqual([[3, 2, 2, 0], undefined]);
  });
  it('never allows so many disruptions that fewer than the minimum would be left', () => {
    const sketch = fc.record({ ready: fc.boolean(), terminating: fc.boolean() });
    const met = outcomeCounts<'some allowed' | 'none allowed'>();
    fc.assert(
      fc.property(
        fc.array(sketch, { minLength: 2, maxLength: 8 }),
        fc.integer({ min: 0, max: 6 }),
        (pods, minAvailable) => {
          const status = judge({ minAvailable }, pods);
          const healthy = pods.filter((one) => one.ready && !one.terminating).length;
          const allowed = numberAt(status, 'disruptionsAllowed') ?? -1;
          met.saw(allowed > 0 ? 'some allowed' : 'none allowed');
          expect(allowed === 0 || healthy - allowed >= minAvailable).toBe(true);
          expect(numberAt(status, 'currentHealthy')).toBe(healthy);
          expect(allowed).toBeGreaterThanOrEqual(0);
        },
      ),
    );
    met.atLeast({ 'some allowed': 15, 'none allowed': 15 });
  });
});
