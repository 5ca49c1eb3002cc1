/**
 * The core of the product, as it is, in a modelled world: nodes that drain, boot and get ready in their own
 * time, an API server whose every answer takes a while, watches that lag, a queue, a chat that takes one post
 * a second. No scan ever comes to help.
 */
import { noMeter } from '../../src/reboot/ports/meter.ts';
import { createHash } from 'node:crypto';
import type { Policy } from '../../src/reboot/policy/policy.ts';
import type { Chat } from '../../src/reboot/ports/chat.ts';
import type { Reboot } from '../../src/reboot/state/reboot.ts';
import { createService, type RebootService } from '../../src/reboot/service/service.ts';
import { type Instant, type Millis, minute, second } from '../../src/reboot/time/time.ts';
import { noon } from '../fakes/builders.ts';
import { fakeCluster } from '../fakes/cluster/fake-cluster.ts';
import { fakeDigests } from '../fakes/ports/fake-digests.ts';
import { fakeGatekeeper } from '../fakes/ports/fake-gatekeeper.ts';
import { fakeHooks } from '../fakes/ports/fake-hooks.ts';
import { fakeLedger } from '../fakes/ports/fake-ledger.ts';
import { fakePauses } from '../fakes/ports/fake-pauses.ts';
import { fakeSilences } from '../fakes/ports/fake-silences.ts';
import { fakeStore } from '../fakes/ports/fake-store.ts';
import { silentLogger } from '../fakes/silent-logger.ts';
import { modelMachines } from './rollout-machines.ts';
import type { ModelNode } from './rollout-nodes.ts';
import { distanceOf, type Span, viewOfCluster, watchedPort } from './rollout-port.ts';
import { type Delays, modelQueue } from './rollout-queue.ts';
import { between, seeded } from './seeded.ts';
import { type FakeClock, fakeClock } from '../fakes/fake-clock.ts';
import { owesCleanUp } from '../../src/reboot/state/clean-up.ts';

export interface Run {
  /**
   * When all had been decided on, as far as that is done before a window opens, and the pause was lifted that
   * had kept all of them.
   */
  readonly began: Instant;
  /** From then until the last node is back. */
  readonly took: Millis;
  /** In the order of their cordons. */
  readonly spans: readonly Span[];
}

export interface World {
  readonly policy: Policy;
  readonly nodes: readonly ModelNode[];
  readonly seed: number;
  /**
   * A woken Reboot waits until the next time that many milliseconds have passed: as if only a
   * scan found it.
   */
  readonly scansOnly?: Millis;
}

/** Written in a moment, seen a moment later; a request takes as long as one to a busy API server does. */
const delays: Delays = { request: [3, 25], watch: [10, 100], queue: [1, 5] };
const limit = 30 * 24 * 60 * minute;

export async function runRollout(world: World): Promise<Run> {
  const time = fakeClock(noon);
  const model = createModel(world, time);
  for (const node of world.nodes) model.asks(node.name);
  await time.until(() => model.ready(), time.now() + limit);
  const began = time.now();
  model.release();
  await time.until(() => model.done(), time.now() + limit);
  const spans = [...model.spans.values()].sort((a, b) => a.cordoned - b.cordoned);
  const last = Math.max(...spans.map(({ back }) => back));
  return { began, took: last - began, spans };
}

function createModel({ policy, nodes, seed, scansOnly }: World, time: FakeClock) {
  const random = seeded(seed * 7919);
  const draw = ([least, most]: readonly [number, number]): Millis => between(random, least, most);
  const cluster = fakeCluster(time.now);
  const store = fakeStore(time.now);
  const pauses = fakePauses();
  let began = Number.POSITIVE_INFINITY;
  const jobs = modelQueue({
    time,
    draw,
    delays,
    work: () => service,
    scansOnly,
  });
  const view = viewOfCluster(cluster);
  const happened = (name: string): void => {
    time.after(draw(delays.watch), () => {
      view.show(name);
      void jobs.queue.reconcileNode(name);
    });
  };
  const machines = modelMachines({ time, cluster, nodes, happened, began: () => began });
  for (const { name } of nodes) view.show(name);
  const distance = distanceOf(time, () => draw(delays.request));
  const { port, spans } = watchedPort({
    time,
    cluster,
    machines,
    view,
    distance,
    seesOrder: () => draw(delays.watch),
  });
  const service: RebootService = createService({
    cluster: port,
    store: {
      ...distance.far(store, ['get', 'create', 'save', 'remove']),
      async save(reboot) {
        const saved = await distance.answered(() => store.save(reboot));
        time.at(time.now() + draw(delays.watch), () => void service.rebootChanged(reboot.name));
        return saved;
      },
    },
    ledger: distance.far(fakeLedger(), ['read', 'take', 'release']),
    pauses: distance.far(pauses, ['read']),
    digests: fakeDigests(),
    hooks: fakeHooks(),
    silences: fakeSilences(() => time.now()),
    gatekeeper: fakeGatekeeper(),
    preview: fakeGatekeeper(),
    chat: pacedChat(time),
    queue: jobs.queue,
    clock: time,
    logger: silentLogger,
    meter: noMeter,
    refusedConfig: () => undefined,
    policy: () => policy,
    hash: (text) => createHash('sha256').update(text).digest('hex'),
    chatAwaySince: () => undefined,
    own: () => ({ pods: [], nodes: [] }),
  });

  void pauses.put({ scope: { kind: 'cluster' } });
  const decided = ({ pool, state, chat }: Reboot): boolean =>
    state.phase === 'Approved' ||
    (chat.card !== undefined && policy.pools.find(({ name }) => name === pool)?.approval === 'window');
  const over = (reboot: Reboot): boolean => reboot.state.phase === 'Succeeded' && !owesCleanUp(reboot);
  const all = (is: (reboot: Reboot) => boolean): boolean => {
    if (jobs.trouble.length > 0) throw jobs.trouble[0];
    return store.all().length === nodes.length && store.all().every(is);
  };
  return {
    asks: machines.asks,
    spans,
    ready: () => all(decided),
    done: () => all(over),
    release() {
      began = time.now();
      void pauses.lift({ kind: 'cluster' }).then(() => service.planChanged());
    },
  };
}

/** One post a second; edits cost nothing here, since nobody waits for them. */
function pacedChat(time: FakeClock): Chat {
  let next = 0;
  return {
    showDigest: async () => undefined,
    hasNotice: async () => false,
    notify: async () => undefined,
    report: async () => undefined,
    reportConfig: async () => undefined,
    reportNotApplied: async () => undefined,
    async show({ reboot, channel }, save) {
      if (reboot.chat.card) return;
      next = Math.max(next + second, time.now());
      await time.sleep(next - time.now());
      await save({ ...reboot.chat, card: { channel, ts: (time.now() / 1000).toFixed(6), hash: 'h' } });
    },
  };
}
