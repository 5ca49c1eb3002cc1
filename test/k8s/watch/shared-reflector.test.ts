import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { textAt } from '../../../src/k8s/api/json-value.ts';
import { createReflector } from '../../../src/k8s/watch/reflector.ts';
import { sharedReflector, type SharedReflector } from '../../../src/k8s/watch/shared-reflector.ts';
import { silentLogger } from '../../fakes/silent-logger.ts';
import { realSleep, startApiWorld, systemClock, type ApiWorld } from '../world/api.ts';
import { until } from '../world/until.ts';

const configMaps = '/api/v1/namespaces/default/configmaps';

describe('a watch that is shared', () => {
  let world: ApiWorld;
  let shared: SharedReflector<string>;
  beforeEach(async () => {
    world = await startApiWorld();
    shared = sharedReflector((onChange) =>
      createReflector<string>(
        {
          what: 'config maps',
          path: configMaps,
          keyOf: (object) => textAt(object, 'metadata', 'name') ?? '',
          reduce: (object) => textAt(object, 'data', 'value'),
          onChange,
        },
        {
          client: world.admin,
          random: () => 0,
          logger: silentLogger,
          clock: systemClock,
          sleep: realSleep,
        },
      ),
    );
    await create('a');
  });
  afterEach(() => world.close());

  const create = (name: string) =>
    world.admin.send({
      method: 'POST',
      path: configMaps,
      body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { value: name } },
    });
  const asked = (verb: string): number =>
    world.api.requests().filter((request) => request.verb === verb && request.path === configMaps).length;
  const join = () => {
    const seen: string[] = [];
    return { seen, watch: shared.join((key) => void seen.push(key)) };
  };

  it('is listed and watched once for all that need it at the time, and each hears of changes', async () => {
    const [first, second] = [join(), join()];
    expect(asked('list')).toBe(0);
    await Promise.all([first.watch.begin(), second.watch.begin()]);
    const third = join();
    await third.watch.begin();
    expect([...third.watch.values()]).toEqual(['a']);
    await create('b');
    await until('it', () => [first, second, third].every(({ seen }) => seen.includes('b')));
    expect([asked('list'), asked('watch')]).toEqual([1, 1]);
    await Promise.all([first, second, third].map(({ watch }) => watch.leave()));
  });

  it('ends with its last user, and begins anew for the next', async () => {
    const [first, second] = [join(), join()];
    await Promise.all([first.watch.begin(), second.watch.begin()]);
    await until('it', () => asked('watch') === 1);
    await first.watch.leave();
    await first.watch.leave();
    await create('b');
    await until('it', () => second.seen.includes('b'));
    expect(first.seen).not.toContain('b');
    await second.watch.leave();
    expect([...second.watch.values()]).toEqual([]);
    await until('it', () => world.api.watchCount() === 0);
    const third = join();
    await third.watch.begin();
    expect([...third.watch.values()]).toEqual(['a', 'b']);
    expect(asked('list')).toBe(2);
    await third.watch.leave();
  });

  it('tells all that wait for it of a list that fails, and tries again for the next', async () => {
    world.api.faults.add({ verb: 'list', times: 1, do: { status: 500 } });
    const [first, second] = [join(), join()];
    const both = await Promise.allSettled([first.watch.begin(), second.watch.begin()]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await second.watch.begin();
    expect([...first.watch.values()]).toEqual(['a']);
    await Promise.all([first.watch.leave(), second.watch.leave()]);
  });
});
