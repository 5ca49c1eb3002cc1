/**
 * Several bots at one API server that answers late, and one queue: the core as it is, on a virtual clock, so
 * that waiting is the only bound and CPU time is none.
 */
import { createHash } from 'node:crypto';
import { noMeter } from '../../../src/reboot/ports/meter.ts';
import type { Chat } from '../../../src/reboot/ports/chat.ts';
import { createService } from '../../../src/reboot/service/service.ts';
import { isIn, type Reboot } from '../../../src/reboot/state/reboot.ts';
import { minute, type Millis } from '../../../src/reboot/time/time.ts';
import { aNode, aPolicy, aPool, aReport, noon } from '../../fakes/builders.ts';
import { fakeCluster } from '../../fakes/cluster/fake-cluster.ts';
import { fakeClock, type FakeClock } from '../../fakes/fake-clock.ts';
import { fakeDigests } from '../../fakes/ports/fake-digests.ts';
import { fakeGatekeeper } from '../../fakes/ports/fake-gatekeeper.ts';
import { fakeHooks } from '../../fakes/ports/fake-hooks.ts';
import { fakeLedger } from '../../fakes/ports/fake-ledger.ts';
import { fakePauses } from '../../fakes/ports/fake-pauses.ts';
import { fakeSilences } from '../../fakes/ports/fake-silences.ts';
import { fakeStore } from '../../fakes/ports/fake-store.ts';
import { silentLogger } from '../../fakes/silent-logger.ts';
import { distanceOf } from '../rollout-port.ts';
import { modelQueue } from '../rollout-queue.ts';

export interface SharedWork {
  readonly nodes: number;
  readonly bots: number;
  /** Of each answer of the API server. */
  readonly latency: Millis;
}

/** From the moment at which all nodes ask. */
export interface SharedTimes {
  /** Until each has its Reboot. */
  readonly asked: Millis;
  /** Until the rule has approved each, and each says what it waits for. */
  readonly noted: Millis;
}

const policy = aPolicy({ pools: [aPool({ approval: 'auto' })] });
const waits = (reboot: Reboot): boolean =>
  isIn(reboot, 'Approved') && (reboot.state.blockers ?? []).length > 0;

export async function sharedTimes(work: SharedWork): Promise<SharedTimes> {
  const time = fakeClock(noon);
  const { store, jobs } = modelBots(time, work);
  const until = async (done: () => boolean): Promise<Millis> => {
    await time.until(
      () => {
        if (jobs.trouble.length > 0) throw jobs.trouble[0];
        return done();
      },
      noon + 60 * minute,
    );
    return time.now() - noon;
  };
  const asked = await until(() => store.all().length === work.nodes);
  return { asked, noted: await until(() => store.all().every(waits)) };
}

function modelBots(time: FakeClock, { nodes, bots, latency }: SharedWork) {
  const cluster = fakeCluster(time.now);
  const store = fakeStore(time.now);
  const pauses = fakePauses();
  const { far } = distanceOf(time, () => latency);
  let turn = 0;
  const jobs = modelQueue({
    time,
    draw: ([least]) => least,
    delays: { request: [latency, latency], watch: [0, 0], queue: [1, 1] },
    work: () => {
      const service = services[(turn += 1) % bots];
      if (!service) throw new Error('no bot');
      return service;
    },
    bots,
    scansOnly: undefined,
  });
  // What the bots share; each has a memory of its own.
  const ports = {
    cluster: far(cluster, ['observe', 'freshNodes', 'assess', 'ensureAgent', 'setRebootRequired', 'record']),
    store: far(store, ['get', 'create', 'save', 'remove']),
    ledger: far(fakeLedger(), ['read', 'take', 'release']),
    pauses: far(pauses, ['read']),
    digests: fakeDigests(),
    hooks: fakeHooks(),
    silences: fakeSilences(time.now),
    gatekeeper: fakeGatekeeper(),
    preview: fakeGatekeeper(),
    chat: quickChat(time),
    queue: jobs.queue,
    clock: time,
    logger: silentLogger,
    meter: noMeter,
    refusedConfig: () => undefined,
    policy: () => policy,
    hash: (text: string) => createHash('sha256').update(text).digest('hex'),
    chatAwaySince: () => undefined,
    own: () => ({ pods: [], nodes: [] }),
  };
  const services = Array.from({ length: bots }, () => createService(ports));
  void pauses.put({ scope: { kind: 'cluster' } });
  for (let nth = 0; nth < nodes; nth += 1) {
    const node = aNode({ name: `w${nth}`, uid: `uid-${nth}` });
    cluster.addNode(node, { report: aReport({ bootId: node.bootId }) });
    void jobs.queue.reconcileNode(node.name);
  }
  return { store, jobs };
}

/** Its limits are those of Slack, which several bots share. */
function quickChat(time: FakeClock): Chat {
  return {
    showDigest: async () => undefined,
    hasNotice: async () => false,
    notify: async () => undefined,
    report: async () => undefined,
    reportConfig: async () => undefined,
    reportNotApplied: async () => undefined,
    async show({ reboot, channel }, save) {
      if (reboot.chat.card) return;
      await save({ ...reboot.chat, card: { channel, ts: (time.now() / 1000).toFixed(6), hash: 'h' } });
    },
  };
}
