/**
 * The environment of the demo: a Kubernetes API with kubelets, a Slack and a queue server, all on loopback,
 * with the real programs running against them. The stories of the test suite use it too. Nothing under src
 * depends on it.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { type ApiUser, type KubeApi, type PolicyRule, startKubeApi } from '../kube/kube-api.ts';
import { parseOnce } from '../kube/parse-once.ts';
import { startControllers } from '../controllers/controllers.ts';
import { realTimers } from '../world/real-timers.ts';
import { type SeedOptions, seedWorkloads } from '../world/seed-workloads.ts';
import type { Access } from '../world/kube-client.ts';
import type { Timing } from '../world/timers.ts';
import { createWorld, type LiveWorld } from '../world/world.ts';
import { type FakeSlack, startSlack } from '../slack/slack.ts';
import { createSupervisor, type Supervisor } from './supervisor.ts';
import type { AgentsRun } from './agents.ts';
import { type DemoNode, type Machines, startMachines } from './machines.ts';
import { restartedProgram, type Program, shippedFile, startProgram, writeKubeconfig } from './programs.ts';
import { type QueueServer, startQueueServer } from './queue-server.ts';

export interface EnvironmentOptions {
  readonly bundles: string;
  readonly timing: Timing;
  readonly nodes: readonly DemoNode[];
  /** The configuration file of the bot, as data; the channel is added to it. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly workloads?: Pick<SeedOptions, 'databaseReplicas' | 'barePod' | 'scale'> | 'none';
  /** Default: as processes. */
  readonly agentsRun?: AgentsRun;
  readonly pagePort?: number;
  /** The environment of the calling process: REDIS_URL and PATH are read. */
  readonly env: NodeJS.ProcessEnv;
  readonly onTrouble: (error: unknown) => void;
  /**
   * If given, programs that exit are restarted, as in a cluster, and this is called each time. Without it,
   * they stay down, as tests need.
   */
  readonly onRestart?: (what: string, how: string) => void;
}

export interface DemoEnvironment extends Machines {
  readonly directory: string;
  readonly api: KubeApi;
  /** A token with all permissions and a kubeconfig with it, for use with kubectl. */
  readonly adminToken: string;
  readonly kubeconfig: string;
  readonly slack: FakeSlack;
  readonly world: LiveWorld;
  readonly queue: QueueServer;
  /** Starts a bot; a second one is a second replica. */
  startBot(): Program;
  /** The environment variables of a bot. */
  readonly botEnv: Readonly<Record<string, string>>;
  readonly botLog: string;
  /** Stops everything that was started. */
  close(): Promise<void>;
}

const namespace = 'tugboot';
const token = (): string => randomBytes(16).toString('hex');

export async function openDemoEnvironment(options: EnvironmentOptions): Promise<DemoEnvironment> {
  const directory = mkdtempSync(join(tmpdir(), 'tugboot-'));
  const supervisor = createSupervisor(directory);
  try {
    return await assemble(options, directory, supervisor);
  } catch (error) {
    await supervisor.close();
    throw error;
  }
}

async function assemble(
  options: EnvironmentOptions,
  directory: string,
  supervisor: Supervisor,
): Promise<DemoEnvironment> {
  const { bundles, env, timing, onTrouble } = options;
  const tokens = newTokens(options);
  const crds = ['nodeagents', 'reboots'].map((name) =>
    shippedFile(bundles, `charts/tugboot/files/crds/${name}.yaml`),
  );
  const api = await startKubeApi({ users: usersOf(bundles, tokens), crds });
  supervisor.onEnd(() => api.close());
  const queue = await startQueueServer({ env, directory, supervisor, onRestart: options.onRestart });
  const access = { url: api.url, token: tokens.admin };
  await createNamespace(access);
  const controllers = startControllers({ ...access, timing, timers: realTimers, onError: onTrouble });
  supervisor.onEnd(async () => controllers.stop());
  const machines = await startMachines({
    ...options,
    directory,
    supervisor,
    url: api.url,
    adminToken: tokens.admin,
    agentTokens: tokens.agents,
    agentsRun: options.agentsRun ?? 'as processes',
  });
  if (options.workloads !== 'none') await seedWorkloads({ ...access, ...options.workloads });
  const world = await createWorld({
    ...access,
    kubelets: [...machines.kubelets.values()],
    timers: realTimers,
  });
  supervisor.onEnd(async () => world.stop());
  const slack = await startSlack({
    world,
    pageDirectory: join(bundles, 'page'),
    ...(options.pagePort === undefined ? {} : { port: options.pagePort }),
  });
  supervisor.onEnd(() => slack.close());

  const kubeconfig = adminKubeconfig(directory, access);
  const botEnv = botEnvironment(options, { directory, api, slack, queue, token: tokens.bot });
  const botLog = join(directory, 'serve.log');
  return {
    ...machines,
    directory,
    api,
    adminToken: tokens.admin,
    kubeconfig,
    slack,
    world,
    queue,
    startBot: () =>
      restartedProgram({ what: 'The bot', supervisor, onRestart: options.onRestart }, () =>
        startProgram(bundles, supervisor, { command: 'serve', env: botEnv, logFile: botLog }),
      ),
    botEnv,
    botLog,
    close: () => supervisor.close(),
  };
}

const newTokens = ({ nodes }: EnvironmentOptions): Tokens => ({
  admin: token(),
  bot: token(),
  agents: new Map(nodes.map(({ name }) => [name, token()])),
});

function adminKubeconfig(directory: string, access: Access): string {
  const file = join(directory, 'kubeconfig');
  writeKubeconfig(file, withPassword(access.url, access.token), access.token);
  return file;
}

/** kubectl sends no bearer token over plain HTTP, but the credentials in the server's URL. */
function withPassword(url: string, password: string): string {
  const { protocol, host } = new URL(url);
  return `${protocol}//admin:${password}@${host}`;
}

/** As `helm install --create-namespace` does. */
async function createNamespace({ url, token: secret }: { url: string; token: string }): Promise<void> {
  const response = await fetch(`${url}/api/v1/namespaces`, {
    method: 'POST',
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    body: JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }),
  });
  if (!response.ok) throw new Error(`creating namespace ${namespace}: HTTP ${response.status}`);
}

export interface Tokens {
  readonly admin: string;
  readonly bot: string;
  readonly agents: ReadonlyMap<string, string>;
}

/** Bot and agents have exactly the permissions that the chart gives them in a real cluster. */
export function usersOf(bundles: string, tokens: Tokens): ReadonlyMap<string, ApiUser> {
  const rules = (name: string): readonly PolicyRule[] =>
    parseOnce(shippedFile(bundles, `charts/tugboot/files/${name}-rules.yaml`)) as PolicyRule[];
  const inNamespace = rules('bot-namespace').map((rule) => ({ ...rule, namespaces: [namespace] }));
  const agentRules = rules('agent');
  return new Map<string, ApiUser>([
    [tokens.admin, { name: 'admin', groups: ['system:masters'] }],
    [
      tokens.bot,
      { name: `system:serviceaccount:${namespace}:tugboot`, rules: [...rules('bot'), ...inNamespace] },
    ],
    ...[...tokens.agents].map(([nodeName, secret]): [string, ApiUser] => [
      secret,
      { name: `system:serviceaccount:${namespace}:tugboot-agent`, nodeName, rules: agentRules },
    ]),
  ]);
}

interface Surroundings {
  readonly directory: string;
  readonly api: KubeApi;
  readonly slack: FakeSlack;
  readonly queue: QueueServer;
  readonly token: string;
}

function botEnvironment(
  options: EnvironmentOptions,
  { directory, api, slack, queue, token: secret }: Surroundings,
): Readonly<Record<string, string>> {
  const kubeconfig = join(directory, 'bot.kubeconfig');
  const config = join(directory, 'tugboot.yaml');
  writeKubeconfig(kubeconfig, api.url, secret);
  writeFileSync(config, stringify({ channel: slack.channel.id, ...options.config }));
  return {
    KUBECONFIG: kubeconfig,
    TUGBOOT_CONFIG: config,
    SLACK_BOT_TOKEN: slack.botToken,
    SLACK_APP_TOKEN: slack.appToken,
    SLACK_API_URL: slack.apiUrl,
    REDIS_URL: queue.url,
    POD_NAMESPACE: namespace,
    HEALTH_PORT: '0',
    LOG_LEVEL: options.env['LOG_LEVEL'] ?? 'info',
  };
}
