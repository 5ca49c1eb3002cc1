/** The service on fakes, with a queue that runs its jobs on demand: one process, one clock, no waiting. */
import { noMeter } from '../../src/reboot/ports/meter.ts';
import { createHash } from 'node:crypto';
import { silentLogger } from './silent-logger.ts';
import type { Policy } from '../../src/reboot/policy/policy.ts';
import type { AgentView } from '../../src/reboot/ports/cluster.ts';
import type { CardData } from '../../src/reboot/words/card-facts.ts';
import type { Chat } from '../../src/reboot/ports/chat.ts';
import type { NodeView } from '../../src/reboot/nodes/node-view.ts';
import type { Notice } from '../../src/reboot/signals/node-note.ts';
import type { Reboot } from '../../src/reboot/state/reboot.ts';
import type { RefusedConfig, RefusedConfigNotice } from '../../src/reboot/ports/refused-config.ts';
import type { UnreadableNotice } from '../../src/reboot/words/unreadable.ts';
import { createService, type RebootService } from '../../src/reboot/loop/service.ts';
import { aNode, aPolicy, aReport } from './builders.ts';
import { fakeClock } from './fake-clock.ts';
import { type FakeCluster, fakeCluster } from './fake-cluster.ts';
import { fakeLedger } from './fake-ledger.ts';
import { fakeGatekeeper } from './fake-gatekeeper.ts';
import { fakeHooks } from './fake-hooks.ts';
import { fakePauses } from './fake-pauses.ts';
import { fakeSilences } from './fake-silences.ts';
import { fakeQueue } from './fake-queue.ts';
import { perform } from './perform.ts';
import { schedule } from '../../src/reboot/loop/schedule.ts';
import { fakeStore } from './fake-store.ts';

/** Keeps the last card; posts it under a timestamp of the fake clock. */
function fakeChat(now: () => number) {
  const chat: Chat & {
    shown: Map<string, CardData>;
    posts: number;
    notices: Notice[];
    reports: UnreadableNotice[];
    refusals: (RefusedConfigNotice & { readonly at: number })[];
    down: Error | undefined;
  } = {
    shown: new Map<string, CardData>(),
    posts: 0,
    notices: [],
    reports: [],
    refusals: [],
    down: undefined,
    async report(notice) {
      if (chat.down) throw chat.down;
      if (!chat.reports.some(({ key }) => key === notice.key)) chat.reports.push(notice);
    },
    async reportConfig(notice) {
      if (chat.down) throw chat.down;
      const isThere = chat.refusals.some(
        ({ key, channel, at }) => key === notice.key && channel === notice.channel && at >= notice.since,
      );
      if (!isThere) chat.refusals.push({ ...notice, at: now() });
    },
    async hasNotice({ key }) {
      if (chat.down) throw chat.down;
      return chat.notices.some((notice) => notice.key === key);
    },
    async notify(notice) {
      if (chat.down) throw chat.down;
      if (now() >= notice.before) throw new Error('the notice is posted too late');
      chat.notices.push(notice);
    },
    async show(data: CardData, save: (record: Reboot['chat']) => Promise<void>): Promise<void> {
      chat.shown.set(data.reboot.name, data);
      if (data.reboot.chat.card) return;
      chat.posts += 1;
      await save({
        ...data.reboot.chat,
        card: { channel: data.channel, ts: (now() / 1000).toFixed(6), hash: 'h' },
      });
    },
  };
  return chat;
}

/** Shared by replicas. */
interface Shared {
  readonly clock?: ReturnType<typeof fakeClock>;
  readonly cluster?: FakeCluster;
  readonly chat?: ReturnType<typeof fakeChat>;
}

export function fakeHouse(policy: Policy = aPolicy(), shared: Shared = {}) {
  const clock = shared.clock ?? fakeClock();
  const cluster = shared.cluster ?? fakeCluster(clock.now);
  const store = fakeStore(clock.now);
  const ledger = fakeLedger();
  const pauses = fakePauses();
  const gatekeeper = fakeGatekeeper();
  const preview = fakeGatekeeper();
  const hooks = fakeHooks();
  const silences = fakeSilences(clock.now);
  const chat = shared.chat ?? fakeChat(clock.now);
  const jobs = fakeQueue(clock.now);
  const queue = jobs.port;
  let current = policy;
  let refused: RefusedConfig | undefined;
  const ownNodes: string[] = [];
  const service: RebootService = createService({
    cluster,
    store,
    ledger,
    pauses,
    gatekeeper,
    preview,
    hooks,
    silences,
    chat,
    queue,
    clock,
    logger: silentLogger,
    meter: noMeter,
    policy: () => current,
    refusedConfig: () => refused,
    digest: (text) => createHash('sha256').update(text).digest('hex'),
    own: () => ({ pods: [], nodes: ownNodes }),
    chatAwaySince: () => (chat.down ? clock.now() : undefined),
  });

  /** Runs all jobs that are ready. */
  const settle = async (): Promise<void> => {
    for (let done = 0; jobs.waiting.length > 0; done += 1) {
      if (done > 500) throw new Error(`the house does not come to rest: ${JSON.stringify(jobs.waiting)}`);
      const job = jobs.waiting.shift();
      if (job) await perform({ work: service, queue }, job.kind, job.id);
    }
  };
  /** Advances the clock, and runs the wake-ups that are due, in order. */
  const pass = async (ms: number): Promise<void> => {
    const end = clock.now() + ms;
    for (;;) {
      const next = jobs.nextWake(end);
      if (next === undefined) break;
      if (next > clock.now()) clock.set(next);
      jobs.wakeDue();
      await settle();
    }
    clock.set(end);
    await settle();
  };
  return {
    clock,
    cluster,
    store,
    ledger,
    pauses,
    gatekeeper,
    preview,
    hooks,
    silences,
    chat,
    service: {
      ...service,
      /** With what the worker does then. */
      async reconcile(name: string) {
        const outcome = await service.reconcile(name);
        await schedule(queue, name, outcome);
        return outcome;
      },
    },
    queue,
    settle,
    pass,
    /** Nodes that the bot itself runs on. */
    ownNodes,
    /** Waiting jobs, for tests that drop them. */
    waiting: jobs.waiting,
    wakes: jobs.wakes,
    policy: (next: Policy) => {
      current = next;
    },
    refuses: (problem: string | undefined, version = 'v1') => {
      refused = problem === undefined ? undefined : { problem, version, since: clock.now() };
    },
    /** A node whose agent reports that it needs a reboot. */
    async sentinel(node: Partial<NodeView> = {}, agent: Partial<AgentView> = {}): Promise<Reboot> {
      const view = aNode(node);
      cluster.addNode(view, { report: aReport({ bootId: view.bootId }), ...agent });
      await queue.reconcileNode(view.name);
      await settle();
      const reboot = store.all().find((each) => each.node.name === view.name && each.bootId === view.bootId);
      if (!reboot) throw new Error('no reboot was made');
      return reboot;
    },
    /** The node boots as ordered, and its agent reports no further reboot. */
    async boots(name: string, bootId = 'boot-2', kernel = '6.8.0-49-generic'): Promise<void> {
      const node = cluster.node(name);
      node.bootId = bootId;
      node.kernel = kernel;
      node.ready = true;
      cluster.agentOf(name).report = aReport({
        required: 'no',
        packages: [],
        bootId,
        kernel: { running: kernel, newest: kernel },
      });
      await queue.reconcileNode(name);
      await settle();
    },
    reboot: (name: string): Reboot => {
      const found = store.all().find((each) => each.name === name);
      if (!found) throw new Error(`no reboot ${name}`);
      return found;
    },
  };
}

export type FakeHouse = ReturnType<typeof fakeHouse>;
