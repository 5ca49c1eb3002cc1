/** The demo's machines and its Slack around a real control plane, and the programs that ship between them. */
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { stringify } from 'yaml';
import { type Program, startProgram } from '../../../src/demo/house/programs.ts';
import { startQueueServer } from '../../../src/demo/house/queue-server.ts';
import { type Kubelet, startKubelet } from '../../../src/demo/kubelet/kubelet.ts';
import { realTimers } from '../../../src/demo/kubelet/real-timers.ts';
import { seedWorkloads } from '../../../src/demo/kubelet/seed-workloads.ts';
import { fastTiming } from '../../../src/demo/kubelet/timers.ts';
import { createWorld, type LiveWorld } from '../../../src/demo/kubelet/world.ts';
import { type FakeSlack, startSlack } from '../../../src/demo/slack/slack.ts';
import { listAt, textAt } from '../../../src/k8s/api/json-value.ts';
import { handOf } from '../../k8s/world/hand.ts';
import { until } from '../../k8s/world/until.ts';
import type { ControlPlane } from './control-plane.ts';
import { agent, bot, installation } from './install-chart.ts';
import { openPlainDoor } from './plain-door.ts';
import type { TestCluster } from './test-cluster.ts';

export interface RealHouse {
  readonly slack: FakeSlack;
  readonly world: LiveWorld;
  readonly kubelets: ReadonlyMap<string, Kubelet>;
  startBot(): Promise<Program>;
  readonly botLog: string;
  close(): Promise<void>;
}

export interface RealHouseOptions {
  readonly cluster: TestCluster;
  readonly plane: ControlPlane;
  readonly nodes: readonly { readonly name: string; readonly controlPlane: boolean }[];
  /** The bot's configuration file, as data; the channel is filled in. */
  readonly config: Readonly<Record<string, unknown>>;
}

export const bundles = resolve('dist');
const patience = 60_000;

/** The chart's rights and its DaemonSet have to be installed: a machine's agent acts with the token of its pod. */
export async function openRealHouse(options: RealHouseOptions): Promise<RealHouse> {
  const { cluster, plane, nodes } = options;
  const door = await openPlainDoor(cluster);
  const access = { url: door.url, token: plane.token('admin') };
  const machines = await Promise.all(nodes.map((node) => startMachine(options, door.url, node)));
  await seedWorkloads(access);
  const world = await createWorld({ ...access, kubelets: machines, timers: realTimers });
  const slack = await startSlack({ world, pageDirectory: join(bundles, 'page') });
  const { directory, household } = plane;
  // Private, whatever the environment names.
  const env = { PATH: process.env['PATH'] };
  const queue = await startQueueServer({ env, directory, household });
  const botLog = join(directory, 'serve.log');
  return {
    slack,
    world,
    botLog,
    kubelets: new Map(machines.map((machine) => [machine.name, machine])),
    startBot: async () =>
      startProgram(bundles, household, {
        command: 'serve',
        logFile: botLog,
        env: await botEnvironment(options, slack, queue.url),
      }),
    async close() {
      machines.forEach((machine) => machine.stop());
      world.stop();
      await slack.close();
      await door.close();
    },
  };
}

async function startMachine(
  { cluster, plane }: RealHouseOptions,
  url: string,
  { name, controlPlane }: RealHouseOptions['nodes'][number],
): Promise<Kubelet> {
  const directory = join(plane.directory, 'nodes', name);
  const role = controlPlane ? 'control-plane' : 'worker';
  const taints = controlPlane ? [{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }] : [];
  let running: Program | undefined;
  return startKubelet({
    url,
    token: plane.token('admin'),
    node: {
      name,
      directory,
      taints,
      labels: { [`node-role.kubernetes.io/${role}`]: '' },
      osImage: 'Ubuntu 24.04.1 LTS',
    },
    timing: fastTiming,
    timers: realTimers,
    onError: (error) => process.stderr.write(`machine ${name}: ${String(error)}\n`),
    onPowerOff: () => running?.kill(),
    async onPowerOn() {
      running = await startAgent(cluster, plane, { name, directory });
    },
  });
}

interface Machine {
  readonly name: string;
  readonly directory: string;
}

/** What the container of the DaemonSet's pod would run, with the token that its kubelet would give it. */
async function startAgent(
  cluster: TestCluster,
  plane: ControlPlane,
  { name, directory }: Machine,
): Promise<Program> {
  const token = await cluster.tokenOf({ ...agent, pod: await agentPodOn(cluster, name) });
  const file = (what: string, content: string): string => {
    const path = join(plane.directory, `agent-${name}.${what}`);
    writeFileSync(path, content, { mode: 0o600 });
    return path;
  };
  return startProgram(bundles, plane.household, {
    command: 'agent',
    logFile: join(plane.directory, `agent-${name}.log`),
    env: {
      NODE_NAME: name,
      TUGBOOT_API_URL: cluster.url,
      TUGBOOT_API_TOKEN_FILE: file('token', token),
      TUGBOOT_API_CA_FILE: file('ca.crt', cluster.ca),
      TUGBOOT_HOST_ROOT: directory,
      TUGBOOT_BOOT_ID_FILE: join(directory, 'proc', 'boot_id'),
      TUGBOOT_KERNEL_RELEASE_FILE: join(directory, 'proc', 'osrelease'),
      TUGBOOT_REBOOT_METHOD: 'command',
      TUGBOOT_REBOOT_COMMAND: join(directory, 'bin', 'reboot'),
    },
  });
}

async function agentPodOn({ admin }: TestCluster, node: string): Promise<{ name: string; uid: string }> {
  const query = {
    labelSelector: 'app.kubernetes.io/component=agent',
    fieldSelector: `spec.nodeName=${node}`,
  };
  let found: unknown;
  await until(
    `the DaemonSet has a pod on ${node}`,
    async () => {
      const path = `/api/v1/namespaces/${installation}/pods`;
      found = listAt(await handOf(admin).ask({ method: 'GET', path, query }), 'items')[0];
      return found !== undefined;
    },
    patience,
  );
  return { name: textAt(found, 'metadata', 'name') ?? '', uid: textAt(found, 'metadata', 'uid') ?? '' };
}

async function botEnvironment(
  { cluster, plane, config }: RealHouseOptions,
  slack: FakeSlack,
  queue: string,
): Promise<Readonly<Record<string, string>>> {
  const file = join(plane.directory, 'tugboot.yaml');
  writeFileSync(file, stringify({ channel: slack.channel.id, ...config }));
  return {
    KUBECONFIG: await cluster.kubeconfigOf(bot),
    TUGBOOT_CONFIG: file,
    SLACK_BOT_TOKEN: slack.botToken,
    SLACK_APP_TOKEN: slack.appToken,
    SLACK_API_URL: slack.apiUrl,
    REDIS_URL: queue,
    POD_NAMESPACE: installation,
    HEALTH_PORT: '0',
  };
}
