import { describe, expect, it } from 'vitest';
import { at, numberAt, textAt } from '../../../demo/kube/json.ts';
import { budgets, type KubeFixture, pods } from './kube-fixture.ts';
import { messageOf, type RawKube, reasonOf } from './raw-kube.ts';

/** The part of the API's contract that a drain lives by. */
export function evictionContract(fixture: KubeFixture, kube: () => RawKube): void {
  const { unique, runningPod, budget, evict } = fixture;
  describe('evictions', () => {
    it('ends a pod that no budget protects', async () => {
      const podName = unique('pod');
      await runningPod(podName, podName);
      const evicted = await evict(podName);
      expect([evicted.status, textAt(evicted.body, 'status')]).toEqual([201, 'Success']);
      expect(
        textAt((await kube().send('GET', `${pods}/${podName}`)).body, 'metadata', 'deletionTimestamp'),
      ).not.toBe('');
    });
    it('refuses with 429 and the numbers of the budget when it allows no disruption', async () => {
      const podName = unique('pod');
      await runningPod(podName, podName);
      const budgetName = await budget(podName, {
        disruptionsAllowed: 0,
        currentHealthy: 2,
        desiredHealthy: 2,
      });
      const refused = await evict(podName);
      expect([refused.status, reasonOf(refused)]).toEqual([429, 'TooManyRequests']);
      expect(messageOf(refused)).toBe("Cannot evict pod as it would violate the pod's disruption budget.");
      const message = `The disruption budget ${budgetName} needs 2 healthy pods and has 2 currently`;
      expect(at(refused.body, 'details', 'causes')).toEqual([{ reason: 'DisruptionBudget', message }]);
    });
    it('asks for ten seconds of patience while nobody has looked at the budget', async () => {
      const podName = unique('pod');
      await runningPod(podName, podName);
      await budget(podName, undefined);
      const refused = await evict(podName);
      expect([
        refused.status,
        numberAt(refused.body, 'details', 'retryAfterSeconds'),
        refused.headers['retry-after'],
      ]).toEqual([429, 10, '10']);
    });
    it('uses up one disruption per eviction', async () => {
      const app = unique('pod');
      await runningPod(`${app}-a`, app);
      await runningPod(`${app}-b`, app);
      const budgetName = await budget(app, { disruptionsAllowed: 1, currentHealthy: 3, desiredHealthy: 2 });
      expect((await evict(`${app}-a`)).status).toBe(201);
      const left = await kube().send('GET', `${budgets}/${budgetName}`);
      expect(numberAt(left.body, 'status', 'disruptionsAllowed')).toBe(0);
      expect(Object.keys(at(left.body, 'status', 'disruptedPods') ?? {})).toEqual([`${app}-a`]);
      expect((await evict(`${app}-b`)).status).toBe(429);
    });
    it('does not ask the budget about a pod that has not started, or is ending already', async () => {
      const podName = unique('pod');
      await runningPod(podName, podName);
      await kube().send('DELETE', `${pods}/${podName}`);
      await budget(podName, { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 2 });
      expect((await evict(podName)).status).toBe(201);
    });
    it('lets a pod go that is not ready as long as enough others are', async () => {
      const podName = unique('pod');
      await runningPod(podName, podName, 'False');
      await budget(podName, { disruptionsAllowed: 0, currentHealthy: 2, desiredHealthy: 2 });
      expect((await evict(podName)).status).toBe(201);
    });
    it('gives up with 500 on a pod with two budgets', async () => {
      const podName = unique('pod');
      await runningPod(podName, podName);
      await budget(podName, { disruptionsAllowed: 1, currentHealthy: 3, desiredHealthy: 2 });
      await budget(podName, { disruptionsAllowed: 1, currentHealthy: 3, desiredHealthy: 2 });
      const refused = await evict(podName);
      expect([refused.status, messageOf(refused)]).toEqual([
        500,
        expect.stringContaining('more than one PodDisruptionBudget'),
      ]);
    });
    it('spares another pod of the same name', async () => {
      const podName = unique('pod');
      await runningPod(podName, podName);
      const refused = await evict(podName, {
        preconditions: { uid: '00000000-0000-4000-8000-000000000000' },
      });
      expect([refused.status, reasonOf(refused)]).toEqual([409, 'Conflict']);
      expect(
        at((await kube().send('GET', `${pods}/${podName}`)).body, 'metadata', 'deletionTimestamp'),
      ).toBeUndefined();
    });
    it('counts a disruption of the pod that has the name now, even where the precondition then spares it', async () => {
      const podName = unique('pod');
      await runningPod(podName, podName);
      const budgetName = await budget(podName, {
        disruptionsAllowed: 1,
        currentHealthy: 3,
        desiredHealthy: 2,
      });
      const preconditions = { uid: '00000000-0000-4000-8000-000000000000' };
      expect((await evict(podName, { preconditions })).status).toBe(409);
      const { body } = await kube().send('GET', `${budgets}/${budgetName}`);
      expect(numberAt(body, 'status', 'disruptionsAllowed')).toBe(0);
      expect(Object.keys(at(body, 'status', 'disruptedPods') ?? {})).toEqual([podName]);
    });
    it('says 404 for a pod that is gone', async () => {
      expect((await evict(unique('gone'))).status).toBe(404);
    });
  });
}
