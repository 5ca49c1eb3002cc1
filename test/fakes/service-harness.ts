/** The service on fakes, with a queue that runs its jobs on demand: one process, one clock, no waiting. */
import { noMeter } from '../../src/reboot/ports/meter.ts';
import { createHash } from 'node:crypto';
import { type LogLine, recordingLogger } from './recording-logger.ts';
import type { Policy } from '../../src/reboot/policy/policy.ts';
import type { AgentView } from '../../src/reboot/nodes/observation.ts';
import { PortError } from '../../src/reboot/ports/port-error.ts';
import type { JobReport } from '../../src/reboot/ports/job-report.ts';
import type { NodeView } from '../../src/reboot/nodes/node-view.ts';
import type { Reboot } from '../../src/reboot/state/reboot.ts';
import type { RefusedConfig } from '../../src/reboot/ports/refused-config.ts';
import { createService, type RebootService } from '../../src/reboot/service/service.ts';
import type { ServicePorts } from '../../src/reboot/loop/deps.ts';
import { aNode, aPolicy, aReport } from './builders.ts';
import { type FakeChat, fakeChat } from './ports/fake-chat.ts';
import { fakeClock } from './fake-clock.ts';
import { type FakeCluster, fakeCluster } from './cluster/fake-cluster.ts';
import { fakeLedger } from './ports/fake-ledger.ts';
import { type FakeDigests, fakeDigests } from './ports/fake-digests.ts';
import { fakeGatekeeper } from './ports/fake-gatekeeper.ts';
import { fakeHooks } from './ports/fake-hooks.ts';
import { fakePauses } from './ports/fake-pauses.ts';
import { fakeSilences } from './ports/fake-silences.ts';
import { fakeQueue, type QueuedJob } from './ports/fake-queue.ts';
import { perform } from './perform.ts';
import { schedule } from '../../src/reboot/service/schedule.ts';
import { type FakeStore, fakeStore } from './ports/fake-store.ts';

/** Shared by replicas. */
interface Shared {
  readonly clock?: ReturnType<typeof fakeClock>;
  readonly cluster?: FakeCluster;
  readonly chat?: FakeChat;
  readonly digests?: FakeDigests;
  readonly store?: FakeStore;
}

export function serviceHarness(policy: Policy = aPolicy(), shared: Shared = {}) {
  const clock = shared.clock ?? fakeClock();
  const cluster = shared.cluster ?? fakeCluster(clock.now);
  const store = shared.store ?? fakeStore(clock.now);
  const ledger = fakeLedger();
  const pauses = fakePauses();
  const digests = shared.digests ?? fakeDigests();
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
  const log: LogLine[] = [];
  const later: QueuedJob[] = [];
  const ports: ServicePorts = {
    cluster,
    store,
    ledger,
    pauses,
    digests,
    gatekeeper,
    preview,
    hooks,
    silences,
    chat,
    queue,
    clock,
    logger: recordingLogger(log),
    meter: noMeter,
    policy: () => current,
    refusedConfig: () => refused,
    hash: (text) => createHash('sha256').update(text).digest('hex'),
    own: () => ({ pods: [], nodes: ownNodes }),
    chatAwaySince: () => (chat.down ? clock.now() : undefined),
  };
  const service: RebootService = createService(ports);

  /** Runs a job as the worker does: a card that chat refuses is rendered again later. */
  const run = async (job: QueuedJob): Promise<void> => {
    try {
      await perform({ work: service, queue }, job.kind, job.id);
    } catch (error) {
      if (job.kind !== 'render' || !(error instanceof PortError && error.retryable)) throw error;
      later.push(job);
    }
  };
  /** Runs all jobs that are ready. */
  const settle = async (): Promise<void> => {
    for (const { kind, id } of later.splice(0)) jobs.put(kind, id);
    for (let done = 0; jobs.waiting.length > 0; done += 1) {
      if (done > 20_000)
        throw new Error(`the harness does not come to rest: ${JSON.stringify(jobs.waiting)}`);
      const job = jobs.waiting.shift();
      if (job) await run(job);
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
    digests,
    gatekeeper,
    preview,
    hooks,
    silences,
    chat,
    service: {
      ...service,
      /** With what the worker does then. */
      async reconcile(name: string, report?: JobReport) {
        const outcome = await service.reconcile(name, report);
        await schedule(queue, name, outcome);
        return outcome;
      },
    },
    queue,
    ports,
    log,
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

export type ServiceHarness = ReturnType<typeof serviceHarness>;
