import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { ordersGiven, type Story } from '../../stories/story-house.ts';
import type { RealHouse } from '../harness/real-house.ts';
import {
  bringIntoPhases,
  cordonNeighbour,
  expectOneCardEach,
  fivePhases,
  letDrainGo,
  phases,
  removeHold,
  turnsTaken,
} from './phases.ts';

/** As long as the issue asks for: the one place in the tests that waits for a time, since the outage is the time. */
const outage = 60_000;

/** An API server that is away. */
export function outageFaults(story: Story<RealHouse>): void {
  describe('the API server is stopped for 60 s', () => {
    it(
      'while five nodes are in five phases: nobody is told a lie, and all five end as they would have',
      story(fivePhases, async (house) => {
        const before = Object.fromEntries(phases.map((node) => [node, house.bootId(node)]));
        const settled = house.bootId('settling');
        const cards = await bringIntoPhases(house);

        await house.plane.stopApiServer();
        const over = sleep(outage);
        await house.press('mia', cards.pending, 'Approve now');
        expect(await house.whisper('mia', /./)).toMatch(/cluster (did not answer|cannot be reached)/);
        await over;
        await house.plane.startApiServer();
        await house.plane.restartControllers();

        await house.press('lee', await house.card('pending', /tugboot.approve-now/), 'Approve now');
        await cordonNeighbour(house, null);
        await letDrainGo(house);
        await house.powerOn('rebooting');
        await Promise.all(phases.map((node) => house.card(node, /^✓/u)));
        await Promise.all(phases.map((node) => house.isFree(node)));

        expect(settled).toBe(before['settling']);
        for (const node of phases) expect([node, house.bootId(node)]).not.toEqual([node, before[node]]);
        const orders = await Promise.all(phases.map((node) => ordersGiven(house, node)));
        expect(orders).toEqual(phases.map(() => 1));
        expectOneCardEach(house, phases);
        await house.until('nobody is out', ({ nodes }) => nodes.every(({ cordoned }) => !cordoned));
        expect(await turnsTaken(house)).toEqual([]);
        await removeHold(house);
      }),
    );
  });
}
