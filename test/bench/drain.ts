/**
 * Our drain and `kubectl drain` side by side, on a real API server with its real scheduler and controllers:
 * the same pods go from one node to another and back, once with the one and once with the other.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectKube, type Kube } from '../../src/k8s/kube.ts';
import { paths } from '../../src/k8s/api/paths.ts';
import type { BootTarget } from '../../src/reboot/nodes/observation.ts';
import { findGround, type OwnGround } from '../cluster/harness/ground.ts';
import { installChart, installation } from '../cluster/harness/install-chart.ts';
import { openTestCluster, type TestCluster } from '../cluster/harness/test-cluster.ts';
import { aDrainPolicy } from '../fakes/builders.ts';
import { silentLogger } from '../fakes/silent-logger.ts';
import { realSleep, systemClock } from '../k8s/world/api.ts';
import { until } from '../k8s/world/until.ts';
import { cellOf, drainRows, drainTable, type Case, type Measured, type Side } from './drain-report.ts';
import { startNodes, type BenchNodes } from './drain-nodes.ts';
import { deploy, type Budgets, type Workload } from './drain-workload.ts';
import type { Bench } from './report.ts';

const nodeNames = ['node-a', 'node-b'] as const;
const kinds: readonly Budgets[] = ['no budget', 'one budget', 'many budgets', 'blocked budget'];
const patience = 180_000;
const mostFailures = 20;
/** A pod's own time to end: what both drains have to wait for. */
const timing = { startsIn: 50, endsIn: 3000 };
const controllers = [
  'deployment-controller',
  'replicaset-controller',
  'disruption-controller',
  'serviceaccount-controller',
];

interface Setup {
  readonly cluster: TestCluster;
  readonly nodes: BenchNodes;
  readonly kube: Kube;
  readonly kubectl: (args: readonly string[]) => Promise<number>;
  readonly tell: (line: string) => void;
}

const bench =
  (sizes: readonly number[], blockedFor: number): Bench =>
  async (runs, tell) => {
    const ground = await findGround({ env: process.env, tell });
    if (ground.kind !== 'own')
      throw new Error(
        `this bench wants a control plane of its own${ground.kind === 'none' ? `: ${ground.why}` : ''}`,
      );
    const cases = kinds.flatMap((budgets) => sizes.map((pods): Case => ({ pods, budgets, blockedFor })));
    const measured = await withSetup(ground, tell, async (setup) => {
      const all: Measured[] = [];
      for (let run = 0; run < runs; run += 1) {
        for (const [index, one] of cases.entries())
          all.push(await compare(setup, one, (run + index) % 2 === 0));
      }
      return all;
    });
    tell(drainTable(measured));
    return drainRows(measured);
  };

/** The whole table, and one that is over in two minutes. */
export const drain = bench([30, 100, 250], 60_000);
export const quickDrain = bench([30], 15_000);

async function withSetup<T>(
  ground: OwnGround,
  tell: (line: string) => void,
  use: (setup: Setup) => Promise<T>,
): Promise<T> {
  const cluster = await openTestCluster(ground, { controllers, scheduler: true });
  const cache = mkdtempSync(join(tmpdir(), 'tugboot-bench-'));
  try {
    await installChart(cluster);
    const nodes = await startNodes({ admin: cluster.admin, names: nodeNames, ...timing });
    const kube = connectKube({
      kubeconfig: cluster.kubeconfig,
      namespace: installation,
      clock: systemClock,
      random: Math.random,
      logger: silentLogger,
      sleep: realSleep,
      version: 'bench',
    });
    await kube.start(() => undefined, new AbortController().signal);
    const kubectl = kubectlWith(ground.kubectl, cluster.kubeconfig, cache);
    // A person's kubectl has asked this server before, too.
    await kubectl(['get', 'nodes,pods,daemonsets,poddisruptionbudgets']);
    try {
      return await use({ cluster, nodes, kube, kubectl, tell });
    } finally {
      await kube.stop();
      await nodes.stop();
    }
  } finally {
    await cluster.close();
    rmSync(cache, { recursive: true, force: true });
  }
}

/** Runs it until it succeeds, as a person would; tells how often it failed. */
const kubectlWith =
  (program: string, kubeconfig: string, cache: string) =>
  async (args: readonly string[]): Promise<number> => {
    for (let failures = 0; ; failures += 1) {
      const said = await kubectlOnce({ program, kubeconfig, cache }, args);
      if (said === undefined) return failures;
      if (failures === mostFailures) throw new Error(`kubectl: ${said}`);
    }
  };

interface KubectlRun {
  readonly program: string;
  readonly kubeconfig: string;
  /** Where it keeps what it has discovered. */
  readonly cache: string;
}

/** Resolves to what it said if it failed. */
const kubectlOnce = (
  { program, kubeconfig, cache }: KubectlRun,
  args: readonly string[],
): Promise<string | undefined> =>
  new Promise((resolve, reject) => {
    const env = { KUBECONFIG: kubeconfig, HOME: cache };
    const child = spawn(program, [`--cache-dir=${cache}`, ...args], {
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.on('data', (text: Buffer) => (said = (said + text.toString()).slice(-2000)));
    child.once('error', reject);
    child.once('close', (code) => resolve(code === 0 ? undefined : said));
  });

async function compare(setup: Setup, one: Case, oursFirst: boolean): Promise<Measured> {
  const [from, to] = nodeNames;
  await setCordon(setup, to, true);
  await setCordon(setup, from, false);
  const workload = await deploy(setup.cluster.admin, one.pods, one.budgets);
  await allOn(setup, from, one.pods);
  const order = oursFirst ? (['ours', 'kubectl'] as const) : (['kubectl', 'ours'] as const);
  const cells = new Map<Side, Measured['ours']>();
  for (const [index, side] of order.entries()) {
    const [source, goal] = index === 0 ? [from, to] : [to, from];
    await setCordon(setup, goal, false);
    await workload.block();
    await workload.counted();
    const cell = await measure(setup, one, { side, source, workload });
    cells.set(side, cell);
    setup.tell(`${one.pods} pods, ${one.budgets}: ${side} ${JSON.stringify(cell)}`);
    await allOn(setup, goal, one.pods);
  }
  await workload.remove();
  const [ours, kubectl] = [cells.get('ours'), cells.get('kubectl')];
  if (!ours || !kubectl) throw new Error('a side was not measured');
  return { ...one, ours, kubectl };
}

async function measure(
  setup: Setup,
  one: Case,
  { side, source, workload }: { readonly side: Side; readonly source: string; readonly workload: Workload },
): Promise<Measured['ours']> {
  const { plane } = setup.cluster;
  const target = setup.nodes.targets.get(source);
  if (!plane || !target) throw new Error('the bench has lost its cluster');
  const over = new AbortController();
  const blocked =
    one.budgets === 'blocked budget' ? unblockLater(workload, one.blockedFor, over.signal) : undefined;
  const began = Date.now();
  const failures = await (side === 'ours' ? drainOurs(setup.kube, target) : setup.kubectl(drainArgs(source)));
  const ended = Date.now();
  over.abort();
  await blocked;
  return { ...cellOf(plane.requests(), side, { began, ended }), failures };
}

const drainArgs = (node: string): readonly string[] => [
  'drain',
  node,
  '--ignore-daemonsets',
  '--delete-emptydir-data',
];

/** A stated length of time is what this case is about. */
async function unblockLater(workload: Workload, after: number, signal: AbortSignal): Promise<void> {
  await realSleep(after, signal);
  await workload.unblock();
}

/** It has no second try: that it does not fail is part of what is measured. */
async function drainOurs({ cluster }: Kube, target: BootTarget): Promise<0> {
  if ((await cluster.cordon(target, 'bench')) !== 'us') throw new Error('it was cordoned before');
  const startedAt = Date.now();
  const request = {
    target,
    policy: aDrainPolicy(),
    startedAt,
    deadline: startedAt + 15 * 60_000,
    last: [],
    force: false,
  };
  for await (const event of cluster.drain(request, new AbortController().signal)) {
    if (event.kind === 'drained') return 0;
    if (event.kind !== 'progress') throw new Error(JSON.stringify(event));
  }
  throw new Error('the drain ended without a word');
}

async function setCordon({ cluster }: Setup, node: string, unschedulable: boolean): Promise<void> {
  const annotations = { 'tugboot.dev/cordoned-by': null };
  const body = { metadata: { annotations }, spec: { unschedulable: unschedulable || null } };
  await cluster.admin.send({ method: 'PATCH', path: paths.node(node), patch: 'merge', body });
}

const allOn = ({ nodes }: Setup, node: string, pods: number): Promise<void> =>
  until(`${pods} pods run on ${node}`, () => nodes.running(node) === pods, patience);
