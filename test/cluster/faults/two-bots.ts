import { join } from 'node:path';
import { mkdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { startQueueServer } from '../../../demo/environment/queue-server.ts';
import {
  ordersGiven,
  type Setting,
  type Story,
  type StoryEnvironment,
  workers,
} from '../../stories/story-environment.ts';
import type { RealEnvironment } from '../harness/real-environment.ts';
import { expectOneCardEach, turnsTaken } from './phases.ts';

const nodes = ['worker-1', 'worker-2', 'worker-3'];
const setting: Setting = {
  bots: 0,
  nodes: nodes.map((name) => ({ name, controlPlane: false })),
  // Room for more than one node out, so that it is the turns that hold, and nothing else.
  pools: [{ ...workers, maxUnavailable: 3, concurrency: 1 }],
};

/** The nodes that are out at each moment, read after every change in the API server. */
function watchDisruption(environment: StoryEnvironment<RealEnvironment>): {
  readonly most: () => number;
  readonly stop: () => void;
} {
  let most = 0;
  const look = (): void => {
    const out = environment.world.view().nodes.filter(({ cordoned, ready }) => cordoned || !ready);
    most = Math.max(most, out.length);
  };
  return { most: () => most, stop: environment.world.subscribe(look) };
}

async function approveAll(environment: StoryEnvironment<RealEnvironment>): Promise<void> {
  const cards = await Promise.all(nodes.map((node) => environment.upgrade(node)));
  await Promise.all(cards.map((card) => environment.press('mia', card, 'Approve now')));
  await Promise.all(nodes.map((node) => environment.card(node, /^✓/u)));
  await Promise.all(nodes.map((node) => environment.isFree(node)));
}

/** Two bots on one cluster. */
export function twoBotFaults(story: Story<RealEnvironment>): void {
  describe('two bots are started against one cluster', () => {
    it(
      'at the same moment: one node at a time, one order and one card for each',
      story(setting, async (environment) => {
        await Promise.all([environment.anotherBot(), environment.anotherBot()]);
        const disruption = watchDisruption(environment);
        await approveAll(environment);
        disruption.stop();
        expect(disruption.most()).toBe(1);
        expect(await Promise.all(nodes.map((node) => ordersGiven(environment, node)))).toEqual([1, 1, 1]);
        expectOneCardEach(environment, nodes);
        expect(await turnsTaken(environment)).toEqual([]);
      }),
    );

    it(
      'that share no queue and know nothing of each other: one node at a time all the same, and one order for each',
      // Two drains of one node: an eviction that is refused for its UID is counted against its budget first,
      // for up to two minutes.
      story({ ...setting, patience: 240_000 }, async (environment) => {
        const directory = join(environment.directory, 'other-queue');
        mkdirSync(directory);
        const env = { PATH: process.env['PATH'] };
        const other = await startQueueServer({ env, directory, supervisor: environment.supervisor });
        await Promise.all([
          environment.anotherBot(),
          environment.connected(() => environment.startBot({ queue: other.url })),
        ]);
        const disruption = watchDisruption(environment);
        await approveAll(environment);
        disruption.stop();
        expect(disruption.most()).toBe(1);
        expect(await Promise.all(nodes.map((node) => ordersGiven(environment, node)))).toEqual([1, 1, 1]);
        // Cards are another matter: it is the queue that gives each message one writer, and there may be two
        // of a card here.
        await environment.until('nobody is out', ({ nodes: all }) => all.every(({ cordoned }) => !cordoned));
      }),
    );
  });
}
