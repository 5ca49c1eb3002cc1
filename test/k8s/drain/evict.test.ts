import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeEviction } from '../../../demo/kube/objects/eviction.ts';
import { readLabelSelector } from '../../../demo/kube/lists/selectors.ts';
import type { KubeAnswer } from '../../../src/k8s/api/client.ts';
import { parseStatus, statusOf } from '../../../src/k8s/api/kube-status.ts';
import { blockFrom, budgetView, wouldBlock } from '../../../src/k8s/pods/budget-view.ts';
import { outcomeOf, type EvictionOutcome } from '../../../src/k8s/drain/evict.ts';
import { parseSelector } from '../../../src/reboot/policy/selector.ts';
import { labelSelector } from '../../../src/k8s/placement/label-selector.ts';
import { podView } from '../../../src/k8s/pods/pod-view.ts';

const pod = podView({
  metadata: { namespace: 'db', name: 'pg-1', uid: 'u', labels: { app: 'pg' } },
  status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
});

const refused = (code: number, body: unknown, retryAfter?: string): KubeAnswer => ({
  ok: false,
  status: parseStatus(
    code,
    typeof body === 'string' ? body : JSON.stringify({ kind: 'Status', code, ...(body as object) }),
    retryAfter,
  ),
});
const words = 'The disruption budget pg needs 2 healthy pods and has 2 currently';
const budgetCause = {
  details: { causes: [{ reason: 'DisruptionBudget', message: words }], retryAfterSeconds: 10 },
};

const denial = 'admission webhook "moves.example" denied the request: it is being moved';

const table: Readonly<Record<string, readonly [KubeAnswer, Partial<EvictionOutcome>]>> = {
  'any 2xx: the pod is on its way': [{ ok: true, body: {} }, { kind: 'accepted' }],
  '404: somebody else was faster': [refused(404, { reason: 'NotFound' }), { kind: 'gone' }],
  '409: the UID is another pod’s': [refused(409, { reason: 'Conflict' }), { kind: 'replaced' }],
  '429 with a budget: blocked, and how long to wait': [
    refused(429, budgetCause),
    { kind: 'blocked', retryAfterSeconds: 10 },
  ],
  '429 without one: not now, why, and how long to wait': [
    refused(429, { reason: 'TooManyRequests' }, '7'),
    {
      kind: 'later',
      sentence: 'db/pg-1 could not be evicted (429): TooManyRequests',
      retryAfterSeconds: 7,
    },
  ],
  '429 of a proxy, in no JSON at all': [
    refused(429, 'slow down'),
    { kind: 'later', sentence: 'db/pg-1 could not be evicted (429): slow down', retryAfterSeconds: 0 },
  ],
  '429 of a webhook: not now, even where it speaks of budgets': [
    refused(429, { ...budgetCause, message: denial }),
    { kind: 'later', sentence: `db/pg-1 could not be evicted (429): ${denial}` },
  ],
  '404 of a webhook: the pod is there': [
    refused(404, { message: denial }),
    { kind: 'trouble', sentence: `db/pg-1 could not be evicted (404): ${denial}` },
  ],
  '409 of a webhook: the name is still the pod’s': [
    refused(409, { message: denial }),
    { kind: 'trouble', sentence: `db/pg-1 could not be evicted (409): ${denial}` },
  ],
  '403 because the namespace ends': [
    refused(403, { details: { causes: [{ reason: 'NamespaceTerminating', message: '' }] } }),
    { kind: 'leaving-namespace' },
  ],
  '403 of a webhook': [
    refused(403, { message: 'denied' }),
    { kind: 'trouble', sentence: 'db/pg-1 could not be evicted (403): denied' },
  ],
  '500: several budgets': [
    refused(500, { message: 'more than one' }),
    { kind: 'trouble', sentence: 'db/pg-1 could not be evicted (500): more than one' },
  ],
  '503 in no JSON': [
    refused(503, 'upstream\n\tconnect error'),
    { kind: 'trouble', sentence: 'db/pg-1 could not be evicted (503): upstream connect error' },
  ],
};

describe('the answers to an eviction', () => {
  it.each(Object.entries(table))('%s', (_name, [answer, outcome]) => {
    expect(outcomeOf(answer, pod)).toMatchObject(outcome);
  });
});

describe('the budget that blocks', () => {
  const budget = budgetView({
    metadata: { namespace: 'db', name: 'pg', generation: 1 },
    spec: { selector: { matchLabels: { app: 'pg' } } },
    status: { observedGeneration: 1, desiredHealthy: 3, currentHealthy: 3, disruptionsAllowed: 0 },
  });

  it('is read from the words of the refusal, which are newer than the watch', () => {
    const status = statusOf({ ...budgetCause, code: 429 }, 429);
    expect(blockFrom(status, pod, [budget])).toMatchObject({
      budget: 'db/pg',
      needed: 2,
      healthy: 2,
      allowed: 0,
      pod: 'db/pg-1',
    });
  });

  it('is read from the budgets when the words say something else', () => {
    const status = statusOf(
      { details: { causes: [{ reason: 'DisruptionBudget', message: 'is still being processed' }] } },
      429,
    );
    expect(blockFrom(status, pod, [budget])).toMatchObject({
      budget: 'db/pg',
      needed: 3,
      healthy: 3,
      allowed: 0,
      pod: 'db/pg-1',
    });
  });

  it('is unknown when neither knows', () => {
    expect(blockFrom(statusOf({}, 429), pod, [])).toBeUndefined();
  });
});

describe('the arithmetic of budgets', () => {
  const numbers = fc.record({
    generation: fc.integer({ min: 1, max: 3 }),
    observedGeneration: fc.integer({ min: 0, max: 3 }),
    disruptionsAllowed: fc.integer({ min: 0, max: 3 }),
    currentHealthy: fc.integer({ min: 0, max: 4 }),
    desiredHealthy: fc.integer({ min: 0, max: 4 }),
    unhealthyPods: fc.constantFrom('IfHealthyBudget' as const, 'AlwaysAllow' as const),
  });
  const states = fc.record({
    phase: fc.constantFrom('Pending', 'Running', 'Succeeded', 'Failed'),
    ready: fc.boolean(),
    terminating: fc.boolean(),
  });

  it('foresees exactly the refusals of the API server', () => {
    fc.assert(
      fc.property(numbers, states, (budget, state) => {
        const verdict = judgeEviction(state, [{ name: 'pg', disruptedPods: 0, ...budget }]);
        const view = budgetView({
          metadata: { namespace: 'db', name: 'pg', generation: budget.generation },
          spec: {
            selector: { matchLabels: { app: 'pg' } },
            unhealthyPodEvictionPolicy: budget.unhealthyPods,
          },
          status: budget,
        });
        const seen = {
          ...pod,
          phase: state.phase,
          ready: state.ready,
          ...(state.terminating ? { deletesAt: 1 } : {}),
        };
        expect(wouldBlock(view, seen)).toBe(verdict.kind.startsWith('budget-'));
      }),
      { numRuns: 500 },
    );
  });

  it('matches pods as the API server does', () => {
    const key = fc.constantFrom('app', 'tier');
    const value = fc.constantFrom('a', 'b');
    const labels = fc.dictionary(key, value);
    const expression = fc.oneof(
      fc.record({ key, operator: fc.constantFrom('In', 'NotIn'), values: fc.array(value, { minLength: 1 }) }),
      fc.record({ key, operator: fc.constantFrom('Exists', 'DoesNotExist') }),
    );
    const wishes = fc.record(
      { matchLabels: labels, matchExpressions: fc.array(expression, { maxLength: 2 }) },
      { requiredKeys: [] },
    );
    const selector = fc.oneof(
      { weight: 9, arbitrary: wishes },
      { weight: 1, arbitrary: fc.constant(undefined) },
    );
    fc.assert(
      fc.property(selector, labels, (wanted, given) => {
        expect(labelSelector(wanted)(given)).toBe(readLabelSelector(wanted as never)(given));
      }),
    );
  });

  it('finds no label where there is none, whatever every object has by that name', () => {
    const key = 'constructor';
    expect(labelSelector({ matchExpressions: [{ key, operator: 'Exists' }] })({})).toBe(false);
    expect(labelSelector({ matchExpressions: [{ key, operator: 'DoesNotExist' }] })({})).toBe(true);
    for (const [text, matches] of [
      ['constructor', false],
      ['!constructor', true],
    ] as const) {
      const parsed = parseSelector(text);
      expect(parsed.ok && parsed.matches({})).toBe(matches);
    }
  });

  it('takes a budget without a selector for one that covers nothing, and an empty one for everything', () => {
    expect(labelSelector(undefined)({ app: 'pg' })).toBe(false);
    expect(labelSelector({})({ app: 'pg' })).toBe(true);
  });
});
