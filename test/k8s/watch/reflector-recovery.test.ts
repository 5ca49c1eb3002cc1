import { expect, it } from 'vitest';
import type { KubeClient, Query } from '../../../src/k8s/api/client.ts';
import { createReflector } from '../../../src/k8s/watch/reflector.ts';
import { silentLogger } from '../../fakes/silent-logger.ts';
import { until } from '../world/until.ts';

type Watch = (query: Query, signal: AbortSignal) => AsyncGenerator<unknown, void, undefined>;

/** A reflector on a server whose lists and watches the test writes, in a time that only its sleeps move. */
function start(versions: readonly string[], watch: Watch) {
  const over = new AbortController();
  const slept: number[] = [];
  const guards: (() => void)[] = [];
  let [now, lists] = [0, 0];
  const client: KubeClient = {
    async send() {
      const resourceVersion = versions[Math.min(lists, versions.length - 1)] ?? '';
      lists += 1;
      return { ok: true, body: { kind: 'List', metadata: { resourceVersion }, items: [] } };
    },
    watch: (_path, query, signal) => watch(query, signal),
    close: async () => undefined,
  };
  const deps = {
    client,
    logger: silentLogger,
    random: () => 1,
    clock: { now: () => now },
    async sleep(ms: number, signal?: AbortSignal) {
      // The guard of a watch sleeps until that watch is over; only the waits between two watches are told.
      if (ms > 30_000)
        return new Promise<void>((resolve) => {
          guards.push(resolve);
          signal?.addEventListener('abort', () => resolve());
        });
      slept.push(ms);
      now += ms;
    },
  };
  const reflector = createReflector<string>(
    { what: 'things', path: '/things', keyOf: () => '', reduce: () => undefined, onChange: () => undefined },
    deps,
  );
  const running = reflector.run(over.signal);
  return {
    slept,
    lists: () => lists,
    pass: (ms: number) => void (now += ms),
    /** Time passes in which nothing is heard. */
    quiet: (ms: number) => {
      now += ms;
      for (const wake of guards.splice(0)) wake();
    },
    async end() {
      over.abort();
      await running;
    },
  };
}

const expired = { type: 'ERROR', object: { kind: 'Status', code: 410, message: 'too old resource version' } };
const bookmark = (resourceVersion: string) => ({
  type: 'BOOKMARK',
  object: { metadata: { resourceVersion } },
});
const forever = (): Promise<never> => new Promise(() => undefined);

it('lists at once when a server that was away for long says that the position is forgotten', async () => {
  let watches = 0;
  const world = start(['5', '9'], async function* () {
    watches += 1;
    if (watches <= 8) throw new Error('connection refused');
    yield watches === 9 ? expired : bookmark('9');
    await forever();
  });
  await until('it has listed again', () => world.lists() === 2);
  expect(world.slept.at(-2)).toBe(10_000);
  expect(world.slept.at(-1)).toBeLessThanOrEqual(500);
});

it('begins with a list when a whole watch has said nothing: the server may be behind it, restored from a backup', async () => {
  const asked: unknown[] = [];
  const world = start(['500', '20'], async function* (query) {
    asked.push(query['resourceVersion']);
    if (query['resourceVersion'] === '20') {
      yield bookmark('20');
      await forever();
    }
    world.pass(240_000);
  });
  await until('it watches from where the server is', () => asked.includes('20'));
  expect(asked).toEqual(['500', '20']);
});

it('asks by a list whether a quiet server is there, and takes its quiet for no failure', async () => {
  let watches = 0;
  const world = start(['500'], async function* (_query, signal) {
    watches += 1;
    yield* [];
    await new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
    });
  });
  for (const nth of [1, 2, 3, 4]) {
    await until(`it watches for the ${nth}. time`, () => watches === nth);
    world.quiet(100_000);
  }
  await until('it watches again', () => watches === 5);
  expect(world.lists()).toBe(5);
  expect(world.slept).toEqual([]);
  await world.end();
});

it('goes on from its position when a quiet watch has ended with its bookmark, or soon after its start', async () => {
  const asked: unknown[] = [];
  const world = start(['500'], async function* (query) {
    asked.push(query['resourceVersion']);
    if (asked.length === 1) {
      world.pass(239_000);
      yield bookmark('501');
      world.pass(1000);
    }
    if (asked.length === 3) await forever();
  });
  await until('it watches for the third time', () => asked.length === 3);
  expect(asked).toEqual(['500', '501', '501']);
  expect(world.lists()).toBe(1);
});
