/**
 * A Reboot that is deleted stops at once, as shown by the bot's requests to the API server and their order.
 */
import { describe, expect, it } from 'vitest';
import { listAt, textAt } from '../../src/k8s/api/json-value.ts';
import type { RequestRecord } from '../../demo/kube/request-log.ts';
import { type DemoStage, inDemoHouse } from './demo-stage.ts';
import { budget, heldDrain, type StoryHouse, workers } from './story-house.ts';

const reboots = '/apis/tugboot.dev/v1alpha1/reboots';
const agents = '/apis/tugboot.dev/v1alpha1/nodeagents';

interface HeldReboot {
  readonly node: string;
  /** Lets the drain continue, if it still ran. */
  readonly resume: () => Promise<unknown>;
}

/** A drain whose next request is an eviction. */
async function heldByBudget(house: StoryHouse<DemoStage>): Promise<HeldReboot> {
  const { node } = await heldDrain(house);
  return { node, resume: () => budget(house, 1) };
}

/** A drained node, whose next request is the order. */
async function beforeItsOrder(house: StoryHouse<DemoStage>): Promise<HeldReboot> {
  const node = 'worker-1';
  await house.press('mia', await house.upgrade(node), 'Approve now');
  await house.card(node, /drained and reboots soon/);
  return { node, resume: async () => undefined };
}

const refuseRecords = (house: StoryHouse<DemoStage>): (() => void) =>
  house.faults.add({ verb: 'create', path: new RegExp(`^${reboots}$`), do: { status: 500 } });

/** Requests of the bot from the DELETE on. */
async function deleteReboot(
  house: StoryHouse<DemoStage>,
  node: string,
): Promise<{ readonly path: string; readonly since: () => readonly RequestRecord[] }> {
  const all = listAt(await house.kube('GET', reboots), 'items');
  const found = all.find((reboot) => textAt(reboot, 'spec', 'node') === node);
  const path = `${reboots}/${textAt(found, 'metadata', 'name')}`;
  await house.kube('DELETE', path);
  const isIt = (request: RequestRecord): boolean => request.verb === 'delete' && request.path === path;
  const since = (): readonly RequestRecord[] => {
    const requests = house.requests();
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
      inDemoHouse({ pools: [{ ...workers, hooks: { rebootDelay: '6s' } }] }, async (house) => {
        const { node, resume } = await begin(house);
        const before = house.bootId(node);
        const pods = new Set(
          house
            .node(node)
            .pods.map(({ namespace, name }) => `/api/v1/namespaces/${namespace}/pods/${name}/eviction`),
        );
        // Then only the DELETE itself can end the drain.
        const mend = unwritten ? refuseRecords(house) : undefined;
        const { path, since } = await deleteReboot(house, node);
        await resume();
        await house.isFree(node);
        mend?.();
        await house.card(node, /Cancelled by somebody who deleted its Reboot/);
        // A whole reboot of the other node: in that time the first one would have been ordered.
        const other = node === 'worker-1' ? 'worker-2' : 'worker-1';
        await house.press('lee', await house.upgrade(other), 'Approve now');
        await house.card(other, /✓/);

        const made = since();
        const knows = made.findIndex((request) => request.verb === 'get' && request.path === path);
        expect(knows).toBeGreaterThanOrEqual(0);
        const after = made.slice(knows);
        expect(after.some(({ path: to }) => to === `${agents}/${other}`)).toBe(true);
        expect(after.filter((request) => pods.has(request.path))).toEqual([]);
        expect(after.filter(({ verb, path: to }) => verb === 'patch' && to === `${agents}/${node}`)).toEqual(
          [],
        );
        // Only requests that were in flight at the deletion come after it.
        const between = made.slice(0, knows);
        expect(between.filter(({ path: to }) => to === `${agents}/${node}`)).toEqual([]);
        expect(house.bootId(node)).toBe(before);
      })(),
    300_000,
  );
});
