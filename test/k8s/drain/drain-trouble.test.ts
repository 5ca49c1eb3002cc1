import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BootTarget } from '../../../src/reboot/nodes/observation.ts';
import type { DrainEvent, DrainRequest } from '../../../src/reboot/ports/cluster/drains.ts';
import type { DrainProgress } from '../../../src/reboot/state/drain-facts.ts';
import { minute, toTimestamp } from '../../../src/reboot/time/time.ts';
import { aDecision, aDrainPolicy, aReboot, at } from '../../fakes/builders.ts';
import { keepingLogger } from '../world/api.ts';
import { fastTime } from '../world/fast-time.ts';
import { until } from '../world/until.ts';
import { makeDrainWorld, type KubeDrainWorld } from '../world/drain-world.ts';

const evictions = /\/eviction$/;

/** A minute of waiting takes 0.3 s here, on a machine that has nothing else to do. */
const speed = 200;

const troublesOf = (events: readonly DrainEvent[]): readonly string[] =>
  events.flatMap((event) => (event.kind === 'progress' ? event.progress.trouble : []));

describe('a drain in trouble', () => {
  let world: KubeDrainWorld;
  let n1: BootTarget;
  const logger = keepingLogger();
  beforeEach(async () => {
    logger.lines.splice(0);
    world = await makeDrainWorld({ ...fastTime(speed), logger });
    n1 = await world.addNode('n1');
    await world.cluster.cordon(n1, 'r1');
  });
  afterEach(() => world.close());

  const addWeb = (count: number): Promise<unknown> =>
    Promise.all(
      Array.from({ length: count }, (_, index) =>
        world.addPod('n1', `web-${index}`, { labels: { app: 'web' } }),
      ),
    );

  async function drain(
    overrides: Partial<DrainRequest> = {},
    on?: (event: DrainEvent) => unknown,
    signal: AbortSignal = new AbortController().signal,
  ): Promise<DrainEvent[]> {
    const request = {
      target: n1,
      policy: aDrainPolicy(),
      startedAt: world.now(),
      deadline: world.now() + 60 * minute,
      last: [],
      force: false,
      ...overrides,
    };
    const events: DrainEvent[] = [];
    for await (const event of world.cluster.drain(request, signal)) {
      events.push(event);
      await on?.(event);
    }
    return events;
  }
  const requests = (verb: string, path: RegExp): number =>
    world.world.api
      .requests()
      .filter((request) => request.user === 'bot' && request.verb === verb && path.test(request.path)).length;

  it('looks at the node again before it asks, when its last look is old: it may have been frozen since', async () => {
    await addWeb(1);
    await world.addBudget('web', { matchLabels: { app: 'web' }, needed: 1 });
    const looks = requests('get', /\/nodes\/n1$/);
    const over = new AbortController();
    const drained = drain({}, undefined, over.signal);
    // One read of the node is valid for a quarter of a minute.
    await until('it has looked again and again', () => requests('get', /\/nodes\/n1$/) - looks > 3);
    over.abort();
    await drained;
    expect(requests('create', evictions)).toBeGreaterThan(3);
  });

  it('retries an eviction that a webhook denies, and tells of it', async () => {
    await addWeb(1);
    const message = 'admission webhook "drain-cleaner.example" denied the request: not yet';
    const body = {
      kind: 'Status',
      apiVersion: 'v1',
      status: 'Failure',
      code: 403,
      reason: 'Forbidden',
      message,
    };
    world.world.api.faults.add({ path: evictions, times: 3, do: { status: 403, body } });
    const events = await drain();
    expect(events.at(-1)).toEqual({ kind: 'drained', pods: 1 });
    expect(troublesOf(events)[0]).toContain('drain-cleaner.example');
  });

  it('tells what a webhook says that wants a pod to wait, and gives it as the reason when the time is over', async () => {
    await addWeb(1);
    const message = 'admission webhook "moves.example" denied the request: web-0 is being moved';
    const body = { kind: 'Status', apiVersion: 'v1', status: 'Failure', code: 429, message };
    world.world.api.faults.add({ path: evictions, do: { status: 429, body } });
    const events = await drain({ deadline: world.now() + 5 * minute });
    const sentence = `default/web-0 could not be evicted (429): ${message}`;
    expect(troublesOf(events)[0]).toBe(sentence);
    expect(events.at(-1)).toEqual({
      kind: 'failed',
      code: 'drain-timeout',
      sentence: `The drain did not end within 5 min. Still on the node: default/web-0. ${sentence}.`,
    });
    // From half a second to half a minute apart.
    expect(requests('create', evictions)).toBeLessThan(30);
  });

  /** The Reboot of this drain, as the process that carried it out before has stored it. */
  async function store(drain: DrainProgress): Promise<void> {
    const created = await world.store.create({
      ...aReboot({ state: { phase: 'Approved', since: at(0), decision: aDecision() } }),
      node: { name: 'n1', uid: n1.uid },
      bootId: n1.bootId,
    });
    if (created === 'exists') throw new Error('the Reboot was there before');
    const since = toTimestamp(world.now());
    await world.store.save({
      ...created,
      state: {
        phase: 'Draining',
        since,
        deadline: since,
        decision: aDecision(),
        cordon: 'us',
        drain,
      },
    });
  }

  it('counts the wait for a budget on from where another process had told of it', async () => {
    await addWeb(2);
    await world.addBudget('web', { matchLabels: { app: 'web' }, needed: 2 });
    const since = toTimestamp(world.now() - 7 * minute);
    const block = { budget: 'default/web', needed: 2, healthy: 2, allowed: 0, pod: 'default/web-0', since };
    const nothing = { total: 2, gone: 0, leaving: [], trouble: [] };
    await store({ ...nothing, at: toTimestamp(world.now()), waiting: [block] });
    const told: (readonly [string, string | undefined])[] = [];
    await drain({}, async (event) => {
      if (event.kind !== 'progress' || told.length >= 2) return;
      const { waiting } = event.progress;
      told.splice(0, told.length, ...waiting.map((held) => [held.pod, held.since] as const));
      if (told.length === 2) await world.setNeeded('web', 0);
    });
    const first = new Map(told);
    expect(first.get('default/web-0')).toBe(since);
    expect(Date.parse(first.get('default/web-1') ?? '')).toBeGreaterThan(Date.parse(since) + 6 * minute);
  });

  it('counts the pods on from where another process had told of them', async () => {
    await addWeb(2);
    const nothing = { leaving: [], waiting: [], trouble: [] };
    const at = toTimestamp(world.now() + minute);
    // Of ten pods four were gone at the last progress; four more went before the next read.
    await store({ ...nothing, at, total: 10, gone: 4 });
    const events = await drain();
    const counts = events.flatMap((event) =>
      event.kind === 'progress' ? [[event.progress.gone, event.progress.total]] : [],
    );
    expect(counts[0]).toEqual([8, 10]);
    expect(counts.at(-1)).toEqual([10, 10]);
    expect(events.at(-1)).toEqual({ kind: 'drained', pods: 10 });
  });

  it('leaves the pods that another process has left already, and evicts what came unseen once', async () => {
    const wish = { tolerations: [{ operator: 'Exists' }] };
    const uid = await world.addPod('n1', 'agent-1', wish);
    await world.addPod('n1', 'agent-2', wish);
    const kept = [{ pod: 'default/agent-1', uid, why: 'tolerates' as const, of: 'ReplicaSet default/web-1' }];
    const at = toTimestamp(world.now() - minute);
    await store({ at, total: 1, gone: 1, leaving: [], waiting: [], trouble: [], kept });
    expect((await drain()).at(-1)).toEqual({ kind: 'drained', pods: 1 });
    expect(await world.podsOn('n1')).toEqual(['agent-1']);
    expect(requests('create', evictions)).toBe(1);
  });

  it('retries what the server fails at', async () => {
    await addWeb(2);
    world.world.api.faults.add({
      path: evictions,
      times: 3,
      do: { status: 503, body: 'upstream connect error' },
    });
    world.world.api.faults.add({ path: evictions, times: 2, do: 'reset' });
    expect((await drain()).at(-1)).toEqual({ kind: 'drained', pods: 2 });
  });

  it('fails with the trouble when it never ends', async () => {
    await addWeb(1);
    world.world.api.faults.add({ path: evictions, do: { status: 500, body: 'broken' } });
    const last = (await drain()).at(-1);
    expect(last).toMatchObject({ kind: 'failed', code: 'drain-error' });
    expect(last?.kind === 'failed' ? last.sentence : '').toContain(
      'default/web-0 could not be evicted (500)',
    );
    expect(requests('create', evictions)).toBe(20);
  });

  it('waits as long as a busy server asks', async () => {
    await addWeb(1);
    const body = {
      kind: 'Status',
      status: 'Failure',
      code: 429,
      reason: 'TooManyRequests',
      details: { retryAfterSeconds: 20 },
    };
    world.world.api.faults.add({ path: evictions, times: 1, do: { status: 429, body } });
    const before = world.now();
    expect((await drain()).at(-1)).toEqual({ kind: 'drained', pods: 1 });
    expect(world.now() - before).toBeGreaterThanOrEqual(20_000);
  });

  it('outlives an API server that is away for a while', async () => {
    await addWeb(3);
    await world.addBudget('web', { matchLabels: { app: 'web' }, needed: 3 });
    let back: Promise<unknown> | undefined;
    const failures = (): number =>
      logger.lines.filter(({ message }) => message.startsWith('the watch ')).length;
    const comeBack = async (before: number): Promise<void> => {
      await until('it has tried in vain, again and again', () => failures() > before + 6);
      await world.world.api.faults.up();
      await world.setNeeded('web', 0);
    };
    const events = await drain({}, async (event) => {
      if (back || event.kind !== 'progress' || event.progress.waiting.length === 0) return;
      await world.world.api.faults.down();
      back = comeBack(failures());
    });
    await back;
    expect(events.at(-1)).toEqual({ kind: 'drained', pods: 3 });
  });

  it.each(['end', 'reset'] as const)('outlives watches that %s', async (how) => {
    await addWeb(2);
    world.stuck.add('default/web-0');
    let cut = false;
    const events = await drain({}, async (event) => {
      if (cut || event.kind !== 'progress' || event.progress.leaving.length === 0) return;
      cut = true;
      world.stuck.clear();
      world.world.api.dropWatches(how);
      world.world.api.compact();
      await world.hand.ask({
        method: 'DELETE',
        path: '/api/v1/namespaces/default/pods/web-0',
        body: { gracePeriodSeconds: 0 },
      });
    });
    expect(events.at(-1)).toEqual({ kind: 'drained', pods: 2 });
  });

  /**
   * Calls `act` once, when the pod watch stands: it has told of a pod, `seen-0`, that came after the first
   * list.
   */
  const whenWatched = (act: () => Promise<unknown>) => {
    let next: 'begun' | 'seen' | 'done' = 'begun';
    return async (event: DrainEvent): Promise<void> => {
      if (event.kind !== 'progress') return;
      const { total, leaving } = event.progress;
      if (next === 'begun' && leaving.length === 1) {
        next = 'seen';
        await world.addPod('n1', 'seen-0');
      } else if (next === 'seen' && total === 2 && leaving.length === 2) {
        next = 'done';
        await act();
      }
    };
  };
  const end = (pod: string): Promise<unknown> =>
    world.hand.ask({
      method: 'DELETE',
      path: `/api/v1/namespaces/default/pods/${pod}`,
      body: { gracePeriodSeconds: 0 },
    });

  it('notices a watch that tells nothing any more', async () => {
    await addWeb(1);
    world.stuck.add('default/web-0').add('default/seen-0');
    const silence = whenWatched(() => {
      // These watches stay silent: the drain goes on with a new one.
      world.world.api.silenceWatches();
      return Promise.all([end('web-0'), end('seen-0')]);
    });
    const events = await drain({ deadline: world.now() + 6 * minute }, silence);
    expect(events.at(-1)).toEqual({ kind: 'drained', pods: 2 });
  });

  it('is proven by a last list, and not by its watch: a pod that it was not told of is evicted and counted, too', async () => {
    await addWeb(1);
    world.stuck.add('default/web-0').add('default/seen-0');
    let tell: (() => void) | undefined;
    const hide = whenWatched(async () => {
      await Promise.all([end('web-0'), end('seen-0')]);
      tell = world.holdPodWatch();
      await world.addPod('n1', 'hidden-0');
    });
    const events = await drain({}, async (event) => {
      await hide(event);
      if (event.kind === 'progress' && event.progress.leaving.includes('default/hidden-0')) tell?.();
    });
    expect(events.at(-1)).toEqual({ kind: 'drained', pods: 3 });
    expect(await world.podsOn('n1')).toEqual([]);
    expect(requests('create', /hidden-0\/eviction$/)).toBe(1);
  });

  it('asks again for each of several pods of one budget, and not for all at every change', async () => {
    await addWeb(6);
    await world.addBudget('web', { matchLabels: { app: 'web' }, needed: 6 });
    let opened = false;
    const events = await drain({}, async (event) => {
      if (opened || event.kind !== 'progress' || event.progress.waiting.length < 6) return;
      opened = true;
      await world.setNeeded('web', 0);
    });
    expect(events.at(-1)).toEqual({ kind: 'drained', pods: 6 });
  });

  it('says which budgets one pod has too many of, from the words of the server', async () => {
    await addWeb(1);
    await world.addBudget('one', { matchLabels: { app: 'web' }, needed: 0 });
    await world.addBudget('two', { matchLabels: { app: 'web' }, needed: 0 });
    const events = await drain({ deadline: world.now() + minute });
    expect(troublesOf(events)[0]).toContain('more than one PodDisruptionBudget');
    expect(events.at(-1)).toMatchObject({ kind: 'failed', code: 'drain-timeout' });
    expect((await world.cluster.assess('n1', aDrainPolicy())).refusals[0]).toContain('(one, two)');
  });

  it('throws what keeps it from a first look, since nothing has been done yet', async () => {
    await addWeb(1);
    world.world.api.faults.add({ verb: 'list', path: /pods/, do: { status: 403, body: 'no' } });
    await expect(drain()).rejects.toMatchObject({ name: 'PortError', code: 'cluster-refused' });
  });

  it('evicts its own pods when they are the last', async () => {
    await addWeb(2);
    await world.addPod('n1', 'tugboot-0');
    await world.addNode('n2');
    await drain({ last: ['default/tugboot-0'] });
    const asked = world.world.api
      .requests()
      .filter((request) => evictions.test(request.path))
      .map((request) => request.path.split('/').at(-2));
    expect(asked).toHaveLength(3);
    expect(asked.at(-1)).toBe('tugboot-0');
  });
});

describe('a drain of many pods', () => {
  it('asks of each of 60 pods once, and looks at none by itself', async () => {
    const world = await makeDrainWorld();
    const n1 = await world.addNode('n1');
    await world.cluster.cordon(n1, 'r1');
    const names = Array.from({ length: 60 }, (_, index) => `p-${index}`);
    await Promise.all(names.map((name) => world.addPod('n1', name)));
    const startedAt = world.now();
    const request = {
      target: n1,
      policy: aDrainPolicy(),
      startedAt,
      deadline: startedAt + minute,
      last: [],
      force: false,
    };
    const events: DrainEvent[] = [];
    for await (const event of world.cluster.drain(request, new AbortController().signal)) events.push(event);
    expect(events.at(-1)).toEqual({ kind: 'drained', pods: 60 });
    // Lists and watches are few and do not grow with the pods; how often a watch is renewed is a matter of
    // time.
    const ofOnePod = world.world.api
      .requests()
      .filter(({ user, path }) => user === 'bot' && path.includes('/pods/'))
      .map(({ verb, path, status }) => `${verb} ${path} ${status}`);
    expect(ofOnePod.sort()).toEqual(
      names.map((name) => `create /api/v1/namespaces/default/pods/${name}/eviction 201`).sort(),
    );
    await world.close();
  });
});

describe('a drain whose progress takes long to be stored', () => {
  it('asks again as soon as that is done, for what has become due meanwhile', async () => {
    const time = fastTime(speed);
    const world = await makeDrainWorld(time);
    const n1 = await world.addNode('n1');
    await world.cluster.cordon(n1, 'r1');
    await world.addPod('n1', 'web-0');
    world.world.api.faults.add({ path: evictions, times: 1, do: { status: 503, body: 'no' } });
    const startedAt = world.now();
    const request = {
      target: n1,
      policy: aDrainPolicy(),
      startedAt,
      deadline: startedAt + 10 * minute,
      last: [],
      force: false,
    };
    const events: DrainEvent[] = [];
    for await (const event of world.cluster.drain(request, new AbortController().signal)) {
      events.push(event);
      // The retry is due after a second at most.
      if (troublesOf([event]).length > 0) await time.sleep(1200);
    }
    expect(events.at(-1)).toEqual({ kind: 'drained', pods: 1 });
    await world.close();
  });
});
