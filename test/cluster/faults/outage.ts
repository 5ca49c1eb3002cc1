import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { ordersGiven, type Story, type StoryEnvironment } from '../../stories/story-environment.ts';
import type { RealEnvironment } from '../harness/real-environment.ts';
import {
  bringIntoPhases,
  type Cards,
  cordonNeighbour,
  dark,
  everyPhase,
  expectOneCardEach,
  letDrainGo,
  phases,
  removeHold,
  turnsTaken,
} from './phases.ts';

type DemoEnvironment = StoryEnvironment<RealEnvironment>;

/**
 * Longer than every timeout: a request is given up after 15 s, watches, agents and drains wait at most 30 s
 * between two tries, and the settling node needs 15 s. The only place in the tests that waits for a time,
 * since the outage is defined by its duration.
 */
const outage = 60_000;

/** All texts that were shown since, except those about the reboot that had failed before. */
function saidSince(environment: DemoEnvironment, calls: number, { stranded }: Cards): readonly string[] {
  return environment.slack
    .calls()
    .slice(calls)
    .filter(({ method }) => /^chat\.(postMessage|update)$/.test(method))
    .filter(({ args }) => args['ts'] !== stranded.ts && args['thread_ts'] !== stranded.ts)
    .map(({ args }) => JSON.stringify([args['text'], args['blocks']]));
}

/** An API server that is away. */
export function outageFaults(story: Story<RealEnvironment>): void {
  describe('the API server is stopped for 60 s', () => {
    it(
      'while seven nodes are in seven phases: nobody is told a lie, and all of them end as they would have',
      story(everyPhase, async (environment) => {
        const before = Object.fromEntries(phases.map((node) => [node, environment.bootId(node)]));
        const cards = await bringIntoPhases(environment);
        const settling = environment.bootId('settling');
        const calls = environment.slack.calls().length;

        await environment.plane.stopApiServer();
        const over = sleep(outage);
        await environment.press('mia', cards.pending, 'Approve now');
        expect(await environment.whisper('mia', /./)).toMatch(/cluster (did not answer|cannot be reached)/);
        await over;
        await environment.plane.startApiServer();
        await environment.plane.restartControllers();

        // Several drain at once now. A StatefulSet's pod that was evicted and is back in no time counts as
        // going, by its name, for two minutes (buildDisruptedPodMap in
        // pkg/controller/disruption/disruption.go of 1.36), and the others would wait for that.
        await environment.kube('DELETE', '/apis/policy/v1/namespaces/db/poddisruptionbudgets/pg');
        for (const node of ['pending', 'snoozed'] as const)
          await environment.press('lee', await environment.card(node, /tugboot.approve-now/), 'Approve now');
        await cordonNeighbour(environment, null);
        await letDrainGo(environment);
        await Promise.all(dark.map((node) => environment.powerOn(node)));
        await Promise.all(phases.map((node) => environment.card(node, /^✓/u)));
        await Promise.all(phases.map((node) => environment.isFree(node)));

        const said = saidSince(environment, calls, cards);
        expect(said.length).toBeGreaterThan(0);
        expect(said.filter((words) => /✕|did not come back|failed/u.test(words))).toEqual([]);
        // Its boot ID is the one from before the outage: it was not booted again.
        expect(environment.bootId('settling')).toBe(settling);
        for (const node of phases) expect([node, environment.bootId(node)]).not.toEqual([node, before[node]]);
        const orders = await Promise.all(phases.map((node) => ordersGiven(environment, node)));
        expect(orders).toEqual(phases.map(() => 1));
        expectOneCardEach(environment, phases);
        await environment.until('nobody is out', ({ nodes }) => nodes.every(({ cordoned }) => !cordoned));
        expect(await turnsTaken(environment)).toEqual([]);
        await removeHold(environment);
      }),
    );
  });
}
