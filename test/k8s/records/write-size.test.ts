/** What never changes is written once: a step of a Reboot writes what the step has changed. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { KubeClient } from '../../../src/k8s/api/client.ts';
import { createReflector, type Reflector } from '../../../src/k8s/watch/reflector.ts';
import { paths } from '../../../src/k8s/api/paths.ts';
import { readReboot, type ReadReboot } from '../../../src/k8s/records/reboot-object.ts';
import { kubeRebootStore } from '../../../src/k8s/records/reboot-store.ts';
import type { NeededPackage } from '../../../src/reboot/state/need.ts';
import type { RebootState } from '../../../src/reboot/state/reboot.ts';
import { aDecision, aNeed, aReboot, at } from '../../fakes/builders.ts';
import { silentLogger } from '../../fakes/silent-logger.ts';
import { draining, rebooting, settling } from '../../fakes/states.ts';
import { type ApiWorld, realSleep, startApiWorld, systemClock } from '../world/api.ts';

const packages: readonly NeededPackage[] = Array.from({ length: 200 }, (_, index) => ({
  name: `linux-modules-extra-6.8.0-${index}-generic-with-a-long-name`,
  version: `6.8.0-${index}.${index}~24.04.1+security1`,
  risk: 'kernel',
}));
const progress = (gone: number) => ({ at: at(0), total: 14, gone, leaving: [], waiting: [], trouble: [] });

const sum = (writes: readonly { readonly bytes: number }[]): number =>
  writes.reduce((total, { bytes }) => total + bytes, 0);

const steps: readonly (readonly [string, RebootState])[] = [
  ['approved', { phase: 'Approved', since: at(0), decision: aDecision() }],
  ['started', draining()],
  ['seen draining', draining({ drain: progress(3) })],
  ['seen draining again', draining({ drain: progress(9) })],
  ['ordered', rebooting()],
  ['back', settling()],
  ['healthy', settling({ healthySince: at(0) })],
];

describe('a Reboot of 200 packages', () => {
  let world: ApiWorld;
  let writes: { readonly method: string; readonly bytes: number }[];
  let reads = 0;
  let reboots: Reflector<ReadReboot>;
  const over = new AbortController();

  function counting(client: KubeClient): KubeClient {
    return {
      ...client,
      send: (request) => {
        if (request.method === 'GET') reads += 1;
        else writes.push({ method: request.method, bytes: JSON.stringify(request.body).length });
        return client.send(request);
      },
    };
  }

  beforeEach(async () => {
    world = await startApiWorld();
    const shape = {
      what: 'reboots',
      path: paths.reboots,
      reduce: readReboot,
      keyOf: (object: unknown) => (object as { metadata: { name: string } }).metadata.name,
      onChange: () => undefined,
    };
    const deps = { clock: systemClock, sleep: realSleep, random: Math.random, logger: silentLogger };
    reboots = createReflector(shape, { ...deps, client: world.admin });
    void reboots.run(over.signal);
    await reboots.listed;
    [writes, reads] = [[], 0];
  });
  afterEach(async () => {
    over.abort();
    await world.close();
  });

  it('writes its packages when it is made, and then what each step has changed', async () => {
    const store = kubeRebootStore({ client: counting(world.admin), watched: reboots, made: new Set() });
    const created = await store.create(aReboot({ need: aNeed({ packages }) }));
    if (created === 'exists') throw new Error('the API was not empty');
    const record = JSON.stringify(created).length;
    expect(record).toBeGreaterThan(20_000);
    // As what is asked for, which the status of a creation cannot hold, and as the status.
    const packagesOf = JSON.stringify(packages).length;
    expect(writes.map(({ method }) => method)).toEqual(['POST', 'PATCH']);
    expect(sum(writes)).toBeLessThan(2.2 * packagesOf);
    writes = [];
    let current = created;
    for (const [what, state] of steps) {
      const saved = await store.save({ ...current, state });
      if (saved === 'conflict' || saved === 'gone') throw new Error(`${what}: ${saved}`);
      expect(saved.state, what).toEqual(state);
      expect(saved.need.packages, what).toHaveLength(200);
      current = saved;
    }
    await store.save({ ...current, chat: { replies: { begun: '1.2' } } });
    expect(writes.map(({ method }) => method)).toEqual([...steps, 'chat'].map(() => 'PATCH'));
    // The largest is a state with its decision; a record that is written as a whole is more than ten times
    // that.
    expect(Math.max(...writes.map(({ bytes }) => bytes))).toBeLessThan(1500);
    expect(writes.at(-1)?.bytes).toBeLessThan(150);
    // The whole course after the creation writes less than the packages alone.
    expect(sum(writes)).toBeLessThan(packagesOf / 3);
    // What is stored is known from the watch and from our own writes.
    expect(reads).toBe(0);
  });
});
