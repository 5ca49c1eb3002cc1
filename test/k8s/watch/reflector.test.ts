import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { KubeClient } from '../../../src/k8s/api/client.ts';
import { textAt } from '../../../src/k8s/api/json-value.ts';
import { createReflector, type Reflector, type ReflectorOptions } from '../../../src/k8s/watch/reflector.ts';
import { isNewer } from '../../../src/k8s/watch/resource-version.ts';
import { fakeClock } from '../../fakes/fake-clock.ts';
import { keepingLogger, startApiWorld, systemClock, realSleep, type ApiWorld } from '../world/api.ts';
import { fastTime } from '../world/fast-time.ts';
import { silentLogger } from '../../fakes/silent-logger.ts';
import { until } from '../world/until.ts';

const configMaps = '/api/v1/namespaces/default/configmaps';
const nameOf = (object: unknown): string => textAt(object, 'metadata', 'name') ?? '';
const shape = {
  what: 'config maps',
  path: configMaps,
  keyOf: nameOf,
  reduce: (object: unknown) => textAt(object, 'data', 'value'),
};

describe('a reflector on an API server', () => {
  let world: ApiWorld;
  let over: AbortController;
  let running: Promise<void>[];
  beforeEach(async () => {
    world = await startApiWorld({ watch: { bookmarkEvery: 20 } });
    over = new AbortController();
    running = [];
  });
  afterEach(async () => {
    over.abort();
    await Promise.all(running);
    await world.close();
  });

  const body = (name: string, value: string) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name },
    data: { value, noise: String(Math.random()) },
  });
  const create = (name: string, value: string) =>
    world.admin.send({ method: 'POST', path: configMaps, body: body(name, value) });
  const update = (name: string, value: string) =>
    world.admin.send({ method: 'PUT', path: `${configMaps}/${name}`, body: body(name, value) });
  const remove = (name: string) => world.admin.send({ method: 'DELETE', path: `${configMaps}/${name}` });
  const watches = (): number => world.api.requests().filter((request) => request.verb === 'watch').length;
  const lists = (): number => world.api.requests().filter((request) => request.verb === 'list').length;

  function start(
    options: Partial<ReflectorOptions<string>> = {},
    time = { clock: systemClock, sleep: realSleep },
  ) {
    const changes: string[] = [];
    const deps = { client: world.admin, random: () => 0, logger: silentLogger, ...time };
    const reflector = createReflector<string>(
      { ...shape, onChange: (key) => void changes.push(key), ...options },
      deps,
    );
    running.push(reflector.run(over.signal));
    return { reflector, changes };
  }
  const values = (reflector: Reflector<string>): readonly string[] => [...reflector.values()].toSorted();
  const shows = (reflector: Reflector<string>, ...expected: string[]): Promise<void> =>
    until(`the view shows ${expected.join()}`, () => values(reflector).join() === expected.join());

  it('shows what was there, what comes, what changes and what goes', async () => {
    await create('a', '1');
    const { reflector, changes } = start();
    await reflector.listed;
    expect(values(reflector)).toEqual(['1']);
    await create('b', '2');
    await update('a', '3');
    await shows(reflector, '2', '3');
    await remove('b');
    await shows(reflector, '3');
    expect(changes).toEqual(['a', 'b', 'a', 'b']);
  });

  it('lists a large collection in pages', async () => {
    for (let index = 0; index < 501; index += 1) await create(`c-${index}`, 'x');
    const { reflector } = start();
    await reflector.listed;
    expect(values(reflector)).toHaveLength(501);
    expect(lists()).toBe(2);
  });

  it('tells nothing when only other parts of the object change', async () => {
    await create('a', '1');
    const { reflector, changes } = start();
    await reflector.listed;
    await update('a', '1');
    await create('b', '2');
    await shows(reflector, '1', '2');
    expect(changes).toEqual(['a', 'b']);
  });

  it('hears bookmarks while all is quiet', async () => {
    const { reflector } = start();
    await reflector.listed;
    const first = reflector.heardAt();
    await until('a bookmark is heard', () => reflector.heardAt() > first);
  });

  it.each(['end', 'reset'] as const)(
    'goes on from its position when the watch is %s, without a new list',
    async (how) => {
      const { reflector } = start();
      await reflector.listed;
      await until('it watches', () => world.api.watchCount() === 1);
      world.api.dropWatches(how);
      await create('a', '1');
      await shows(reflector, '1');
      expect(lists()).toBe(1);
    },
  );

  it('lists again when its position is forgotten, and notices what went meanwhile', async () => {
    await create('a', '1');
    await create('b', '2');
    const { reflector, changes } = start();
    await reflector.listed;
    await until('it watches', () => world.api.watchCount() === 1);
    world.api.stallWatches();
    await remove('a');
    world.api.compact();
    world.api.dropWatches();
    world.api.resumeWatches();
    await shows(reflector, '2');
    expect(lists()).toBe(2);
    expect(changes.at(-1)).toBe('a');
  });

  it('comes back after the server was away', async () => {
    const { reflector } = start();
    await reflector.listed;
    await world.api.faults.down();
    await world.api.faults.up();
    await until('a write arrives', () =>
      create('a', '1')
        .then((answer) => answer.ok)
        .catch(() => false),
    );
    await shows(reflector, '1');
  });

  it('waits for a server that is away at the start', async () => {
    await world.api.faults.down();
    const { reflector } = start();
    await world.api.faults.up();
    await reflector.listed;
    expect(values(reflector)).toEqual([]);
  });

  it.each([500, 401, 403, 429])('goes on after a watch that is answered %s', async (status) => {
    world.api.faults.add({ verb: 'watch', times: 2, do: { status, body: { kind: 'Status', code: status } } });
    const { reflector } = start();
    await reflector.listed;
    await create('a', '1');
    await shows(reflector, '1');
  });

  it('gives up a connection on which nothing is heard, bookmarks included', async () => {
    const { reflector } = start({ stalledAfter: 60_000 }, fastTime(1000));
    await reflector.listed;
    await until('it watches', () => world.api.watchCount() === 1);
    world.api.stallWatches();
    const before = watches();
    await until('it watches anew', () => watches() > before);
    world.api.resumeWatches();
    await create('a', '1');
    await shows(reflector, '1');
  });

  it('goes on when a listener throws, and logs it', async () => {
    const logger = keepingLogger();
    const deps = { client: world.admin, clock: systemClock, sleep: realSleep, random: () => 0, logger };
    const onChange = (): void => {
      throw new Error('a mistake');
    };
    const reflector = createReflector<string>({ ...shape, onChange }, deps);
    running.push(reflector.run(over.signal));
    await create('a', '1');
    await create('b', '2');
    await shows(reflector, '1', '2');
    expect(logger.lines.filter((line) => line.level === 'error')).not.toHaveLength(0);
  });

  it('shows what we have written ourselves before the watch tells of it, and tells it once', async () => {
    const { reflector, changes } = start();
    await reflector.listed;
    await until('it watches', () => world.api.watchCount() === 1);
    world.api.stallWatches();
    const answer = await create('a', '1');
    if (answer.ok) reflector.offer(answer.body);
    expect(values(reflector)).toEqual(['1']);
    world.api.resumeWatches();
    await create('b', '2');
    await shows(reflector, '1', '2');
    expect(changes).toEqual(['a', 'b']);
  });

  it('does not bring back what the watch has seen go', async () => {
    const { reflector } = start();
    await reflector.listed;
    const answer = await create('a', '1');
    await shows(reflector, '1');
    await remove('a');
    await shows(reflector);
    if (answer.ok) reflector.offer(answer.body);
    expect(values(reflector)).toEqual([]);
  });
});

describe('the pauses of a reflector', () => {
  const denied: KubeClient['send'] = async () => ({
    ok: false,
    status: { code: 403, reason: 'Forbidden', message: '', causes: [] },
  });

  it('double up to half a minute, with jitter, for as long as it fails', async () => {
    const over = new AbortController();
    const waits: number[] = [];
    const client = { send: denied } as KubeClient;
    const sleep = async (ms: number): Promise<void> => {
      waits.push(ms);
      if (waits.length === 9) over.abort();
    };
    const deps = { client, clock: fakeClock(), sleep, random: () => 1, logger: silentLogger };
    await createReflector<string>({ ...shape, onChange: () => undefined }, deps).run(over.signal);
    expect(waits).toEqual([250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000, 10_000]);
  });

  it('come between watches that a server ends at once', async () => {
    const over = new AbortController();
    const waits: number[] = [];
    const client = {
      send: async () => ({ ok: true, body: { items: [], metadata: { resourceVersion: '5' } } }),
      watch: async function* () {},
    } as unknown as KubeClient;
    const sleep = async (ms: number, signal?: AbortSignal): Promise<void> => {
      // The guard of the connection sleeps too, until the connection ends.
      if (ms > 30_000) return new Promise((resolve) => signal?.addEventListener('abort', () => resolve()));
      waits.push(ms);
      if (waits.length === 4) over.abort();
    };
    const deps = { client, clock: fakeClock(), sleep, random: () => 0, logger: silentLogger };
    await createReflector<string>({ ...shape, onChange: () => undefined }, deps).run(over.signal);
    expect(waits).toEqual([125, 250, 500, 1000]);
  });
});

describe('resource versions', () => {
  it('are compared as numbers of any length', () => {
    expect(isNewer('10', '9')).toBe(true);
    expect(isNewer('9', '10')).toBe(false);
    expect(isNewer('10', '10')).toBe(false);
    expect(isNewer('90071992547409930', '90071992547409929')).toBe(true);
  });

  it('of unknown kinds are not compared', () => {
    expect(isNewer('', '1')).toBeUndefined();
    expect(isNewer('abc', '1')).toBeUndefined();
    expect(isNewer('01', '1')).toBeUndefined();
  });
});
