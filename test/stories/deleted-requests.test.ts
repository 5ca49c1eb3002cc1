/**
 * A Reboot that is deleted stops at once, as shown by the bot's requests to the API server and their order.
 */
import { describe, expect, it } from 'vitest';
import { listAt, textAt } from '../../src/k8s/api/json-value.ts';
import type { RequestRecord } from '../../demo/kube/requests/request-log.ts';
import { type DemoStage, inDemoEnvironment } from './demo-stage.ts';
import { budget, heldDrain, ordersGiven, type StoryEnvironment, workers } from './story-environment.ts';

const reboots = '/apis/tugboot.dev/v1alpha1/reboots';
const agents = '/apis/tugboot.dev/v1alpha1/nodeagents';

interface HeldReboot {
  readonly node: string;
  /** Lets the drain continue, if it still ran. */
  readonly resume: () => Promise<unknown>;
}

/** A drain whose next request is an eviction. */
async function heldByBudget(environment: StoryEnvironment<DemoStage>): Promise<HeldReboot> {
  const { node } = await heldDrain(environment);
  return { node, resume: () => budget(environment, 1) };
}

/** A drained node, whose next request is the order. */
async function beforeItsOrder(environment: StoryEnvironment<DemoStage>): Promise<HeldReboot> {
  const node = 'worker-1';
  await environment.press('mia', await environment.upgrade(node), 'Approve now');
  await environment.card(node, /drained and reboots soon/);
  return { node, resume: async () => undefined };
}

const refuseRecords = (environment: StoryEnvironment<DemoStage>): (() => void) =>
  environment.faults.add({ verb: 'create', path: new RegExp(`^${reboots}$`), do: { status: 500 } });

/** Requests of the bot from the DELETE on. */
async function deleteReboot(
  environment: StoryEnvironment<DemoStage>,
  node: string,
): Promise<{ readonly path: string; readonly since: () => readonly RequestRecord[] }> {
  const all = listAt(await environment.kube('GET', reboots), 'items');
  const found = all.find((reboot) => textAt(reboot, 'spec', 'node') === node);
  const path = `${reboots}/${textAt(found, 'metadata', 'name')}`;
  await environment.kube('DELETE', path);
  const isIt = (request: RequestRecord): boolean => request.verb === 'delete' && request.path === path;
  const since = (): readonly RequestRecord[] => {
    const requests = environment.requests();
    return requests
      .slice(requests.findLastIndex(isIt) + 1)
      .filter(({ userAgent }) => userAgent.startsWith('tugboot/') && !userAgent.includes('agent'));
  };
  return { path, since };
}

describe.concurrent('after the DELETE of a Reboot', () => {
  it.each([
    ['while a budget holds its drain', heldByBudget, false],
    ['while a budget holds its drain, and no record can be written anew', heldByBudget, true],
    ['in the wait before its order', beforeItsOrder, false],
  ])(
    '%s: the bot asks for no eviction and gives no order from the moment at which it knows',
    (_, begin, unwritten) =>
      inDemoEnvironment({ pools: [{ ...workers, hooks: { rebootDelay: '6s' } }] }, async (environment) => {
        const { node, resume } = await begin(environment);
        const before = environment.bootId(node);
        const pods = new Set(
          environment
            .node(node)
            .pods.map(({ namespace, name }) => `/api/v1/namespaces/${namespace}/pods/${name}/eviction`),
        );
        // Then only the DELETE itself can end the drain.
        const mend = unwritten ? refuseRecords(environment) : undefined;
        const { path, since } = await deleteReboot(environment, node);
        await resume();
        await environment.isFree(node);
        mend?.();
        await environment.card(node, /Cancelled by somebody who deleted its Reboot/);
        // A whole reboot of the other node: in that time the first one would have been ordered.
        const other = node === 'worker-1' ? 'worker-2' : 'worker-1';
        await environment.press('lee', await environment.upgrade(other), 'Approve now');
        await environment.card(other, /✓/);

        const made = since();
        const knows = made.findIndex((request) => request.verb === 'get' && request.path === path);
        expect(knows).toBeGreaterThanOrEqual(0);
        const after = made.slice(knows);
        expect(after.some(({ path: to }) => to === `${agents}/${other}`)).toBe(true);
        expect(after.filter((request) => pods.has(request.path))).toEqual([]);
        // Other writes of its NodeAgent, such as a note about an agent that is silent, may come at any time.
        expect(await ordersGiven(environment, node)).toBe(0);
        expect(environment.bootId(node)).toBe(before);
      })(),
    300_000,
  );
});
