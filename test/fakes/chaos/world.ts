/**
 * Several Tugboots on one cluster, with every fault between any two of their calls: crashes, frozen processes
 * that resume late, lost responses, watches that lag, a flushed queue, and independent actions of people and
 * machines. A seed determines one story. After each step the promises are checked on the true state, which
 * the processes see only through their calls.
 */
import { noMeter } from '../../../src/reboot/ports/meter.ts';
import { createHash } from 'node:crypto';
import type { Policy } from '../../../src/reboot/policy/policy.ts';
import { PortError } from '../../../src/reboot/ports/port-error.ts';
import type { AgentView } from '../../../src/reboot/nodes/observation.ts';
import type { DrainEvent, DrainRequest } from '../../../src/reboot/ports/cluster/drains.ts';
import type { Chat } from '../../../src/reboot/ports/chat.ts';
import type { NodeView } from '../../../src/reboot/nodes/node-view.ts';
import type { Queue } from '../../../src/reboot/ports/queue.ts';
import type { Reboot } from '../../../src/reboot/state/reboot.ts';
import { toTimestamp } from '../../../src/reboot/time/time.ts';
import { createService, type RebootService } from '../../../src/reboot/service/service.ts';
import { aNode, aReport } from '../builders.ts';
import { fakeClock } from '../fake-clock.ts';
import { fakeQueue, type QueuedJob } from '../ports/fake-queue.ts';
import { type JobKind, perform } from '../perform.ts';
import { type FakeCluster, fakeCluster } from '../cluster/fake-cluster.ts';
import { fakeLedger } from '../ports/fake-ledger.ts';
import { type FakeDigests, fakeDigests } from '../ports/fake-digests.ts';
import { fakeGatekeeper } from '../ports/fake-gatekeeper.ts';
import { fakeHooks } from '../ports/fake-hooks.ts';
import { fakePauses } from '../ports/fake-pauses.ts';
import { rememberingLedger } from './remembering-ledger.ts';
import { fakeSilences } from '../ports/fake-silences.ts';
import { fakeStore } from '../ports/fake-store.ts';
import { clusterCalls, createGates } from '../gates.ts';
import { silentLogger } from '../silent-logger.ts';

export type Job = QueuedJob<JobKind | 'scan'>;

/** What the watches of a process have delivered so far. */
interface Seen {
  nodes: readonly NodeView[];
  agents: ReadonlyMap<string, AgentView>;
  agentVersions: ReadonlyMap<string, string | undefined>;
  reboots: Map<string, Reboot>;
}

/** What is checked of a node after each step. */
export interface Machine {
  unschedulable: boolean;
  cordonedBy: string | undefined;
  bootId: string;
  endBoot: string | undefined;
  loaded: boolean;
  excluded: boolean;
}

export interface Process {
  readonly id: number;
  readonly service: RebootService;
  readonly seen: Seen;
  /** Jobs whose locks it holds; another process takes them over when this one stalls. */
  readonly jobs: Set<Job>;
  frozen: boolean;
}

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
const noAnswer = (call: string): PortError =>
  new PortError('cluster-unreachable', `${call}: no answer`, { retryable: true });

export function chaosWorld(policy: Policy, names: readonly string[]) {
  const clock = fakeClock();
  const cluster = fakeCluster(clock.now);
  const store = fakeStore(clock.now);
  const ledger = fakeLedger();
  const pauses = fakePauses();
  const digests = fakeDigests();
  const digestsSeen = new Map<Process, FakeDigests>();
  const gates = createGates(noAnswer);
  const jobs = fakeQueue<'scan'>(clock.now);
  const { put, wakes } = jobs;
  const processes: Process[] = [];
  /** Nodes that run workload: a node that is schedulable soon gets some. */
  const loaded = new Set(names);
  /** Nodes whose pods cannot be evicted because of a budget. */
  const stuck = new Set<string>();
  const gatekeeper = fakeGatekeeper();
  const hooks = fakeHooks();
  const silences = fakeSilences(clock.now);
  let born = 0;

  const chat: Chat = {
    // Its messages are not checked here: that a save of the record loses no change of the rest is.
    showDigest: async (data, save) => {
      if (data.chat.message?.revision === data.revision) return;
      const ts = data.chat.message?.ts ?? (clock.now() / 1000).toFixed(6);
      await save({ message: { channel: data.channel, ts, hash: 'h', revision: data.revision } });
    },
    hasNotice: async () => false,
    notify: async () => undefined,
    report: async () => undefined,
    reportConfig: async () => undefined,
    reportNotApplied: async () => undefined,
    show: async ({ reboot, channel }, save) => {
      if (reboot.chat.card) return;
      await save({ ...reboot.chat, card: { channel, ts: (clock.now() / 1000).toFixed(6), hash: 'h' } });
    },
  };

  for (const name of names) cluster.addNode(aNode({ name }), { report: aReport() });

  /** Delivers all pending watch events. */
  const sync = (process: Process): void => {
    const { seen } = process;
    seen.nodes = cluster.nodes();
    digestsSeen.get(process)?.sync();
    seen.agents = new Map(names.flatMap((name) => listed(name, cluster.agent(name))));
    seen.agentVersions = new Map(names.map((name) => [name, cluster.agentVersion(name)]));
    seen.reboots.clear();
    for (const reboot of store.all()) seen.reboots.set(reboot.name, reboot);
  };

  const start = (): Process => {
    born += 1;
    const id = born;
    const seen: Seen = { nodes: [], agents: new Map(), agentVersions: new Map(), reboots: new Map() };
    const noted = <R>(answer: R): R => {
      const reboot = answer as R & Partial<Reboot>;
      if (typeof answer === 'object' && reboot?.version !== undefined && reboot.name !== undefined)
        seen.reboots.set(reboot.name, answer as unknown as Reboot);
      return answer;
    };
    const digestsOfProcess = digests.other();
    const service = createService({
      cluster: gates.guard(
        {
          ...cluster,
          nodes: () => seen.nodes,
          cachedNode: (name: string) => seen.nodes.find((node) => node.name === name),
          agent: (name: string) => seen.agents.get(name),
          agentVersion: (name: string) => seen.agentVersions.get(name),
          drain: (request: DrainRequest, signal: AbortSignal) => drainOf(request, signal, id),
        },
        id,
        clusterCalls,
      ),
      store: gates.guard(
        {
          ...store,
          all: () => [...seen.reboots.values()],
          cached: (name: string) => seen.reboots.get(name),
          get: async (name: string) => noted(await store.get(name)),
          latest: async (name: string) => seen.reboots.get(name) ?? noted(await store.get(name)),
          save: async (reboot: Reboot) => noted(await store.save(reboot)),
          create: async (reboot: Parameters<typeof store.create>[0]) => noted(await store.create(reboot)),
        },
        id,
        ['get', 'create', 'save', 'remove'],
      ),
      ledger: rememberingLedger(gates.guard(ledger, id, ['read', 'take', 'release']), ledger, clock.now),
      pauses: gates.guard(pauses, id, ['read']),
      digests: gates.guard(digestsOfProcess, id, ['read', 'update']),
      gatekeeper,
      preview: gatekeeper,
      hooks: gates.guard(hooks, id, ['ask']),
      silences,
      chat,
      queue: jobs.port,
      clock,
      logger: silentLogger,
      meter: noMeter,
      policy: () => policy,
      refusedConfig: () => undefined,
      hash,
      chatAwaySince: () => undefined,
      own: () => ({ pods: [], nodes: [] }),
    });
    const process: Process = { id, service, seen, jobs: new Set(), frozen: false };
    processes.push(process);
    digestsSeen.set(process, digestsOfProcess);
    sync(process);
    return process;
  };

  /** As the real drain ends: it reads the node and lists its pods once more. */
  async function* drainOf(
    { target, deadline }: DrainRequest,
    signal: AbortSignal,
    process: number,
  ): AsyncGenerator<DrainEvent> {
    const calls = gates.guard(
      {
        node: async () => cluster.nodes().find((node) => node.name === target.node),
        empty: async () => void loaded.delete(target.node),
      },
      process,
      ['node', 'empty'],
    );
    const ended = async (): Promise<DrainEvent | undefined> => {
      const node = await calls.node();
      if (signal.aborted) return { kind: 'superseded' };
      if (!node || node.bootId !== target.bootId) return { kind: 'superseded' };
      if (node.unschedulable) return undefined;
      return { kind: 'failed', code: 'uncordoned-by-other', sentence: 'Somebody uncordoned it.' };
    };
    let end = await ended();
    if (!end && stuck.has(target.node)) {
      const waiting = [{ budget: 'db/pg', needed: 2, healthy: 2, allowed: 0, pod: 'db/pg-0' }];
      const at = toTimestamp(clock.now());
      yield { kind: 'progress', progress: { at, total: 3, gone: 1, leaving: [], waiting, trouble: [] } };
      // Before the deadline, the next reconcile resumes it.
      if (clock.now() >= deadline) yield { kind: 'failed', code: 'drain-timeout', sentence: 'Too long.' };
      return;
    }
    if (!end) {
      // A late eviction is refused by the pod's UID; here, since the node is schedulable.
      if (cluster.node(target.node).unschedulable) await calls.empty();
      end = await ended();
    }
    if (signal.aborted) return;
    yield end ?? (loaded.has(target.node) ? { kind: 'superseded' } : { kind: 'drained', pods: 3 });
  }

  return {
    clock,
    cluster,
    store,
    ledger,
    digests,
    gates,
    waiting: jobs.waiting,
    wakes,
    processes,
    loaded,
    stuck,
    gatekeeper,
    hooks,
    silences,
    names,
    put,
    sync,
    start,
    /** Ends the process between two calls; its jobs are taken over by others. */
    kill(process: Process): void {
      processes.splice(processes.indexOf(process), 1);
      for (let index = gates.held.length - 1; index >= 0; index -= 1) {
        if (gates.held[index]?.process === process.id) gates.held.splice(index, 1);
      }
      for (const job of process.jobs) put(job.kind, job.id);
    },
    /**
     * Stops the process between two calls until it is thawed; its jobs are taken over by others meanwhile.
     */
    freeze(process: Process): void {
      process.frozen = true;
      for (const job of process.jobs) put(job.kind, job.id);
    },
    begin(process: Process, job: Job): void {
      process.jobs.add(job);
      void gates
        .asJob(() => carryOut({ work: process.service, queue: jobs.port }, job))
        .catch((error: unknown) => {
          if (!(error instanceof PortError)) throw error;
          wakes.push({ at: clock.now() + 2_000, id: job.id });
          if (job.kind !== 'advance') put(job.kind, job.id);
        })
        .finally(() => process.jobs.delete(job));
    },
    /** Advances the clock, and runs the wake-ups that are due. */
    tick(ms: number): void {
      clock.advance(ms);
      jobs.wakeDue();
    },
  };
}

const listed = (name: string, agent: AgentView | undefined): readonly (readonly [string, AgentView])[] =>
  agent ? [[name, agent]] : [];

async function carryOut(
  to: { readonly work: RebootService; readonly queue: Queue },
  { kind, id }: Job,
): Promise<void> {
  if (kind === 'scan') await to.work.resync();
  else await perform(to, kind, id);
}

export type ChaosWorld = ReturnType<typeof chaosWorld>;
export type { FakeCluster };
