import { describe, expect, it } from 'vitest';
import { blockOf, budgetView } from '../../../src/k8s/pods/budget-view.ts';
import { withMostExpected } from '../../../src/k8s/drain/drain-watches.ts';
import { impactOf } from '../../../src/k8s/impact/impact.ts';
import { podView } from '../../../src/k8s/pods/pod-view.ts';
import type { Standing } from '../../../src/k8s/pods/workload-owners.ts';
import { budgetStatus } from '../../../demo/controllers/budget-status.ts';
import type { JsonObject } from '../../../demo/kube/json.ts';
import { remediesFor } from '../../../src/reboot/words/budget-words.ts';
import { cannotEnd } from '../../../src/reboot/state/drain-facts.ts';
import { aDrainPolicy } from '../../fakes/builders.ts';

const now = Date.parse('2026-11-22T10:00:00Z');
const pod = (nth: number, ready = true): JsonObject => ({
  metadata: {
    name: `pg-${nth}`,
    namespace: 'db',
    uid: `uid-${nth}`,
    labels: { app: 'pg' },
    ownerReferences: [
      { uid: 'set', controller: true, apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'pg' },
    ],
  },
  spec: { nodeName: 'n1' },
  status: { phase: 'Running', conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
});

interface Sight {
  readonly spec: JsonObject;
  readonly pods: readonly JsonObject[];
  /** Replicas of the StatefulSet. */
  readonly replicas: number;
}

/** A budget as the disruption controller counts it. */
function counted({ spec, pods, replicas }: Sight): JsonObject {
  const budget = {
    metadata: { name: 'pg', namespace: 'db', generation: 1 },
    spec: { ...spec, selector: { matchLabels: { app: 'pg' } } },
  };
  return { ...budget, status: budgetStatus({ budget, pods, scaleOf: () => replicas, now }) };
}

describe('a budget that can never allow a disruption', () => {
  const three = [pod(0), pod(1), pod(2)];
  it.each<[string, JsonObject, 'now' | 'never']>([
    ['minAvailable: 3', { minAvailable: 3 }, 'never'],
    ['minAvailable: 5', { minAvailable: 5 }, 'never'],
    ['minAvailable: 2', { minAvailable: 2 }, 'now'],
    ['minAvailable: 100%', { minAvailable: '100%' }, 'never'],
    ['minAvailable: 70%', { minAvailable: '70%' }, 'never'],
    ['minAvailable: 60%', { minAvailable: '60%' }, 'now'],
    ['maxUnavailable: 0', { maxUnavailable: 0 }, 'never'],
    ['maxUnavailable: 0%', { maxUnavailable: '0%' }, 'never'],
    ['maxUnavailable: 1%', { maxUnavailable: '1%' }, 'now'],
  ])('%s of three pods', (written, spec, kind) => {
    const view = budgetView(counted({ spec, pods: three, replicas: 3 }));
    expect(blockOf(view, podView(pod(0)))).toMatchObject({ kind, written, expected: 3 });
  });

  it('is not one whose pods are unhealthy for now, whatever it allows', () => {
    const view = budgetView(
      counted({ spec: { minAvailable: 2 }, pods: [pod(0), pod(1, false), pod(2, false)], replicas: 3 }),
    );
    expect(view.allowed).toBe(0);
    const block = blockOf(view, podView(pod(0)));
    expect(block.kind).toBe('now');
    expect(remediesFor(block)).toEqual([]);
  });

  it('is not one that has not been counted since it was changed', () => {
    const budget = counted({ spec: { minAvailable: 3 }, pods: three, replicas: 3 });
    const changed = { ...budget, metadata: { name: 'pg', namespace: 'db', generation: 2 } };
    expect(blockOf(budgetView(changed), podView(pod(0))).kind).toBe('now');
  });

  it('is not one that lacks a pod which its controller is about to replace', () => {
    const two = [pod(1), pod(2)];
    const view = budgetView(counted({ spec: { minAvailable: 2 }, pods: two, replicas: 3 }));
    expect([view.needed, view.expected]).toEqual([2, 2]);
    const standing: Standing = { kind: 'StatefulSet', namespace: 'db', name: 'pg', wants: 3, ready: 2 };
    const input = {
      pods: two.map((one) => podView(one)),
      budgets: [view],
      policy: aDrainPolicy(),
      now,
      isOrphan: () => false,
    };
    expect(impactOf({ ...input, standingOf: () => standing }).blockedBy).toMatchObject([{ kind: 'now' }]);
    expect(impactOf(input).blockedBy).toMatchObject([{ kind: 'never' }]);
  });

  it('is not one whose pod a drain has evicted, as long as nobody has replaced it', () => {
    const most = withMostExpected();
    const seen = (...pods: readonly JsonObject[]) => {
      const view = budgetView(counted({ spec: { minAvailable: 2 }, pods, replicas: 3 }));
      return blockOf(most(view), podView(pod(1))).kind;
    };
    expect([seen(...three), seen(pod(1), pod(2)), seen(...three)]).toEqual(['now', 'now', 'now']);
  });

  it('is what makes a drain one that cannot end', () => {
    const never = blockOf(
      budgetView(counted({ spec: { maxUnavailable: 0 }, pods: three, replicas: 3 })),
      podView(pod(0)),
    );
    const wait = { ...never, kind: 'now' as const };
    expect(cannotEnd({ waiting: [wait] })).toBe(false);
    expect(cannotEnd({ waiting: [wait, never] })).toBe(true);
    expect(cannotEnd({ waiting: [] })).toBe(false);
  });
});

describe('a pod that is not healthy behind its budget', () => {
  const pods = [pod(0, false), pod(1)];
  const blocksWith = (more: JsonObject) => {
    const budgets = [budgetView(counted({ spec: { minAvailable: 2, ...more }, pods, replicas: 2 }))];
    const views = [pod(1), pod(0, false)].map((one) => podView(one));
    return impactOf({ pods: views, budgets, policy: aDrainPolicy(), now, isOrphan: () => false }).blockedBy;
  };

  it('is the one that is told of, with what would let it go', () => {
    const [block] = blocksWith({});
    expect(block).toMatchObject({ pod: 'db/pg-0', unhealthy: true });
    expect(block && remediesFor(block).at(-1)).toBe(
      'db/pg-0 itself is not healthy: unhealthyPodEvictionPolicy: AlwaysAllow in budget db/pg would let it go.',
    );
  });

  it('is not held back where the budget always lets such pods go', () => {
    const [block] = blocksWith({ unhealthyPodEvictionPolicy: 'AlwaysAllow' });
    expect(block?.pod).toBe('db/pg-1');
    expect(block).not.toHaveProperty('unhealthy');
  });
});
