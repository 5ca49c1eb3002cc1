import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BootTarget } from '../../../src/reboot/nodes/observation.ts';
import type { DrainEvent } from '../../../src/reboot/ports/cluster/drains.ts';
import { minute } from '../../../src/reboot/time/time.ts';
import { aDrainPolicy } from '../../fakes/builders.ts';
import { fastTime } from '../world/fast-time.ts';
import { until } from '../world/until.ts';
import { makeDrainWorld, type KubeDrainWorld } from '../world/drain-world.ts';

describe('the budgets of several drains', () => {
  let world: KubeDrainWorld;
  beforeEach(async () => {
    world = await makeDrainWorld(fastTime(200));
  });
  afterEach(() => world.close());

  async function drain(target: BootTarget, onProgress: () => void): Promise<DrainEvent | undefined> {
    let last: DrainEvent | undefined;
    const request = {
      target,
      policy: aDrainPolicy(),
      startedAt: world.now(),
      deadline: world.now() + 60 * minute,
      last: [],
      force: false,
    };
    for await (const event of world.cluster.drain(request, new AbortController().signal)) {
      last = event;
      onProgress();
    }
    return last;
  }
  const lists = (): number =>
    world.world.api
      .requests()
      .filter(({ verb, path, user }) => verb === 'list' && user === 'bot' && /budgets/.test(path)).length;

  it('are listed and watched once for all of them, and no longer than they run', async () => {
    const names = ['n1', 'n2', 'n3'];
    const targets = await Promise.all(names.map((name) => world.addNode(name)));
    for (const [index, target] of targets.entries()) {
      await world.cluster.cordon(target, `r${index}`);
      await world.addPod(target.node, `web-${index}`, { labels: { app: 'web' } });
    }
    await world.addBudget('web', { matchLabels: { app: 'web' }, needed: 3 });
    const watchesBefore = world.world.api.watchCount();
    const begun = new Set<string>();
    const drains = targets.map((target) => drain(target, () => begun.add(target.node)));
    await until('all wait for the budget', () => begun.size === names.length);
    // One for the pods of each node, and one for the budgets.
    await until('all are watched', () => world.world.api.watchCount() === watchesBefore + names.length + 1);
    expect(lists()).toBe(1);
    await world.setNeeded('web', 0);
    const ends = await Promise.all(drains);
    expect(ends.map((end) => end?.kind)).toEqual(['drained', 'drained', 'drained']);
    await until('nothing of them is watched', () => world.world.api.watchCount() === watchesBefore);
  });
});
