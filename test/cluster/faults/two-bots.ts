import { join } from 'node:path';
import { mkdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { startQueueServer } from '../../../demo/house/queue-server.ts';
import {
  ordersGiven,
  type Setting,
  type Story,
  type StoryHouse,
  workers,
} from '../../stories/story-house.ts';
import type { RealHouse } from '../harness/real-house.ts';
import { expectOneCardEach, turnsTaken } from './phases.ts';

const nodes = ['worker-1', 'worker-2', 'worker-3'];
const setting: Setting = {
  bots: 0,
  nodes: nodes.map((name) => ({ name, controlPlane: false })),
  // Room for more than one node out, so that it is the turns that hold, and nothing else.
  pools: [{ ...workers, maxUnavailable: 3, concurrency: 1 }],
};

/** Whoever is out at each moment: the world is looked at after every change that the API server tells of. */
function watchDisruption(house: StoryHouse<RealHouse>): {
  readonly most: () => number;
  readonly stop: () => void;
} {
  let most = 0;
  const look = (): void => {
    const out = house.world.view().nodes.filter(({ cordoned, ready }) => cordoned || !ready);
    most = Math.max(most, out.length);
  };
  return { most: () => most, stop: house.world.subscribe(look) };
}

async function approveAll(house: StoryHouse<RealHouse>): Promise<void> {
  const cards = await Promise.all(nodes.map((node) => house.upgrade(node)));
  await Promise.all(cards.map((card) => house.press('mia', card, 'Approve now')));
  await Promise.all(nodes.map((node) => house.card(node, /^✓/u)));
  await Promise.all(nodes.map((node) => house.isFree(node)));
}

/** Two bots on one cluster. */
export function twoBotFaults(story: Story<RealHouse>): void {
  describe('two bots are started against one cluster', () => {
    it(
      'at the same moment: one node at a time, one order and one card for each',
      story(setting, async (house) => {
        await Promise.all([house.anotherBot(), house.anotherBot()]);
        const disruption = watchDisruption(house);
        await approveAll(house);
        disruption.stop();
        expect(disruption.most()).toBe(1);
        expect(await Promise.all(nodes.map((node) => ordersGiven(house, node)))).toEqual([1, 1, 1]);
        expectOneCardEach(house, nodes);
        expect(await turnsTaken(house)).toEqual([]);
      }),
    );

    it(
      'that share no queue and know nothing of each other: one node at a time all the same, and one order for each',
      // Two drains of one node: an eviction that is refused for its UID is counted against its budget first,
      // for up to two minutes.
      story({ ...setting, patience: 240_000 }, async (house) => {
        const directory = join(house.directory, 'other-queue');
        mkdirSync(directory);
        const env = { PATH: process.env['PATH'] };
        const other = await startQueueServer({ env, directory, supervisor: house.supervisor });
        await Promise.all([house.anotherBot(), house.connected(() => house.startBot({ queue: other.url }))]);
        const disruption = watchDisruption(house);
        await approveAll(house);
        disruption.stop();
        expect(disruption.most()).toBe(1);
        expect(await Promise.all(nodes.map((node) => ordersGiven(house, node)))).toEqual([1, 1, 1]);
        // Cards are another matter: it is the queue that gives each message one writer, and there may be two
        // of a card here.
        await house.until('nobody is out', ({ nodes: all }) => all.every(({ cordoned }) => !cordoned));
      }),
    );
  });
}
