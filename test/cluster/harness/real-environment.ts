/** The demo's machines and Slack with a real control plane, and the bundled programs. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { stringify } from 'yaml';
import { createSupervisor, type Supervisor } from '../../../demo/environment/supervisor.ts';
import type { DemoNode } from '../../../demo/environment/machines.ts';
import { type Program, startProgram } from '../../../demo/environment/programs.ts';
import { startQueueServer } from '../../../demo/environment/queue-server.ts';
import { type Kubelet, startKubelet } from '../../../demo/kubelet/kubelet.ts';
import { realTimers } from '../../../demo/world/real-timers.ts';
import { seedWorkloads } from '../../../demo/world/seed-workloads.ts';
import { fastTiming } from '../../../demo/world/timers.ts';
import { createWorld } from '../../../demo/world/world.ts';
import { type FakeSlack, startSlack } from '../../../demo/slack/slack.ts';
import { listAt, textAt } from '../../../src/k8s/api/json-value.ts';
import { handOf } from '../../k8s/world/hand.ts';
import { until } from '../../k8s/world/until.ts';
import type { Stage, StageOptions } from '../../stories/story-environment.ts';
import type { ControlPlane } from './control-plane.ts';
import { clearCluster, renewPods } from './clear-cluster.ts';
import { agent, bot, installation } from './install-chart.ts';
import { startHttpProxy } from './http-proxy.ts';
import type { TestCluster } from './test-cluster.ts';

export interface RealEnvironment extends Stage {
  readonly cluster: TestCluster;
  readonly plane: ControlPlane;
  /** Files of this environment only: logs, tokens, the machines' disks. */
  readonly directory: string;
  readonly supervisor: Supervisor;
  /** The running agent of each node; replaced at every boot. */
  readonly agents: ReadonlyMap<string, Program>;
  startBot(overrides?: BotOverrides): Promise<Program>;
}

export interface BotOverrides {
  /** Another kubeconfig, such as one for a proxy. */
  readonly kubeconfig?: string;
  /** URL of another queue server than the shared one. */
  readonly queue?: string;
  /** Folder of the programs of another release. */
  readonly bundles?: string;
}

export interface RealEnvironmentOptions extends StageOptions {
  /** A cluster of our own, whose nodes can be simulated. */
  readonly cluster: TestCluster;
  /** Folder of the agents of another release. */
  readonly agentBundles?: string;
}

export const bundles = resolve('dist');
const patience = 180_000;

interface Site extends RealEnvironmentOptions {
  readonly plane: ControlPlane;
  readonly directory: string;
  readonly supervisor: Supervisor;
  readonly agents: Map<string, Program>;
}

/**
 * The chart's rights and its DaemonSet must be installed: a machine's agent uses the token of its pod. An
 * earlier environment in this cluster, once closed, leaves only workloads.
 */
export async function openRealEnvironment(options: RealEnvironmentOptions): Promise<RealEnvironment> {
  const { plane } = options.cluster;
  if (plane === undefined) throw new Error('an environment needs a control plane of our own');
  const directory = mkdtempSync(join(plane.directory, 'environment-'));
  const supervisor = createSupervisor(directory);
  try {
    return await assemble({ ...options, plane, directory, supervisor, agents: new Map() });
  } catch (error) {
    await supervisor.close();
    throw error;
  }
}

async function assemble(site: Site): Promise<RealEnvironment> {
  const { cluster, plane, nodes, directory, supervisor } = site;
  await clearCluster(cluster);
  const door = await startHttpProxy(cluster);
  supervisor.onEnd(() => door.close());
  const access = { url: door.url, token: plane.token('admin') };
  const machines = await Promise.all(nodes.map((node) => startMachine(site, door.url, node)));
  await seedWorkloads(access);
  await renewPods(cluster);
  const world = await createWorld({ ...access, kubelets: machines, timers: realTimers });
  supervisor.onEnd(async () => world.stop());
  const slack = await startSlack({ world, pageDirectory: join(bundles, 'page') });
  supervisor.onEnd(() => slack.close());
  // A private server, whatever REDIS_URL is.
  const queue = await startQueueServer({ env: { PATH: process.env['PATH'] }, directory, supervisor });
  const botLog = join(directory, 'serve.log');
  const opened = Date.now();
  return {
    cluster,
    plane,
    slack,
    world,
    queue,
    botLog,
    directory,
    supervisor,
    agents: site.agents,
    kubelets: new Map(machines.map((machine) => [machine.name, machine])),
    startBot: async (overrides = {}) => {
      const kubeconfig = overrides.kubeconfig ?? (await cluster.kubeconfigOf(bot));
      const env = botEnvironment(site, { slack, queue: overrides.queue ?? queue.url, kubeconfig });
      return startProgram(overrides.bundles ?? bundles, supervisor, {
        command: 'serve',
        logFile: botLog,
        env,
      });
    },
    kube: (method, path, body) => ask(cluster, { method, path, body }),
    evictions: () =>
      plane
        .requests()
        .filter(({ at, uri, status }) => at >= opened && /\/eviction(\?|$)/.test(uri) && status === 201)
        .map(({ uri }) => uri),
    close: () => supervisor.close(),
  };
}

interface Question {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}

async function ask(
  { admin }: TestCluster,
  { method, path, body }: Question,
): Promise<Record<string, unknown>> {
  const known = methods.find((each) => each === method);
  if (known === undefined) throw new Error(`a story sends no ${method}`);
  const patch = known === 'PATCH' ? ({ patch: 'merge' } as const) : {};
  return (await handOf(admin).ask({ method: known, path, body, ...patch })) as Record<string, unknown>;
}

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

async function startMachine(site: Site, url: string, { name, controlPlane }: DemoNode): Promise<Kubelet> {
  const directory = join(site.directory, 'nodes', name);
  const role = controlPlane ? 'control-plane' : 'worker';
  const taints = controlPlane ? [{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }] : [];
  const reported = new Set<string>();
  let over = false;
  const kubelet = await startKubelet({
    url,
    token: site.plane.token('admin'),
    node: {
      name,
      directory,
      taints,
      labels: { [`node-role.kubernetes.io/${role}`]: '' },
      osImage: 'Ubuntu 24.04.1 LTS',
    },
    timing: fastTiming,
    timers: realTimers,
    onError: (error) => {
      // Each error once: a machine retries ten times a second while the API server is down.
      if (!over && !reported.has(String(error))) process.stderr.write(`machine ${name}: ${String(error)}\n`);
      reported.add(String(error));
    },
    onPowerOff: () => site.agents.get(name)?.kill(),
    async onPowerOn() {
      // As a kubelet does, retries until it has the token: the API server may be down when the machine boots.
      await until(
        `the agent of ${name} has its token`,
        async () => {
          const token = await tokenOfAgent(site.cluster, name).catch(() => undefined);
          if (token !== undefined && !over)
            site.agents.set(name, startAgent(site, { name, directory, token }));
          return token !== undefined || over;
        },
        5 * patience,
      );
    },
  });
  site.supervisor.onEnd(async () => {
    over = true;
    kubelet.stop();
  });
  return kubelet;
}

/** The token that the kubelet would mount into the container of the DaemonSet's pod. */
export async function tokenOfAgent(cluster: TestCluster, node: string): Promise<string> {
  return cluster.tokenOf({ ...agent, pod: await agentPodOn(cluster, node) });
}

/** The agent's token and the certificate of the API server; both may be replaced while it runs. */
export const agentFiles = (
  directory: string,
  node: string,
): { readonly token: string; readonly ca: string } => ({
  token: join(directory, `agent-${node}.token`),
  ca: join(directory, `agent-${node}.ca.crt`),
});

interface Machine {
  readonly name: string;
  readonly directory: string;
  readonly token: string;
}

/** The command of the container in the DaemonSet's pod. */
function startAgent(site: Site, { name, directory, token }: Machine): Program {
  const files = agentFiles(site.directory, name);
  writeFileSync(files.token, token, { mode: 0o600 });
  writeFileSync(files.ca, site.cluster.ca);
  return startProgram(site.agentBundles ?? bundles, site.supervisor, {
    command: 'agent',
    logFile: join(site.directory, `agent-${name}.log`),
    env: {
      NODE_NAME: name,
      TUGBOOT_API_URL: site.cluster.url,
      TUGBOOT_API_TOKEN_FILE: files.token,
      TUGBOOT_API_CA_FILE: files.ca,
      TUGBOOT_HOST_ROOT: directory,
      TUGBOOT_BOOT_ID_FILE: join(directory, 'proc', 'boot_id'),
      TUGBOOT_KERNEL_RELEASE_FILE: join(directory, 'proc', 'osrelease'),
      TUGBOOT_STAT_FILE: join(directory, 'proc', 'stat'),
      TUGBOOT_PROC: join(directory, 'proc'),
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
      found = listAt(await handOf(admin).ask({ method: 'GET', path, query }), 'items').find(
        (pod) => textAt(pod, 'metadata', 'deletionTimestamp') === undefined,
      );
      return found !== undefined;
    },
    patience,
  );
  return { name: textAt(found, 'metadata', 'name') ?? '', uid: textAt(found, 'metadata', 'uid') ?? '' };
}

interface BotNeeds {
  readonly slack: FakeSlack;
  readonly queue: string;
  readonly kubeconfig: string;
}

function botEnvironment(
  { config, directory }: Site,
  { slack, queue, kubeconfig }: BotNeeds,
): Readonly<Record<string, string>> {
  const file = join(directory, 'tugboot.yaml');
  writeFileSync(file, stringify({ channel: slack.channel.id, ...config }));
  return {
    KUBECONFIG: kubeconfig,
    TUGBOOT_CONFIG: file,
    SLACK_BOT_TOKEN: slack.botToken,
    SLACK_APP_TOKEN: slack.appToken,
    SLACK_API_URL: slack.apiUrl,
    REDIS_URL: queue,
    POD_NAMESPACE: installation,
    HEALTH_PORT: '0',
  };
}
