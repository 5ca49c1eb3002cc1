/** One cluster: a Kubernetes API with controllers and machines, and access for the bot. */
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { startControllers } from '../controllers/controllers.ts';
import { type ApiUser, type KubeApi, type PolicyRule, startKubeApi } from '../kube/kube-api.ts';
import { parseOnce } from '../kube/parse-once.ts';
import type { Access } from '../world/kube-client.ts';
import { realTimers } from '../world/real-timers.ts';
import { type SeedOptions, seedWorkloads } from '../world/seed-workloads.ts';
import type { Timing } from '../world/timers.ts';
import { createWorld, type LiveWorld } from '../world/world.ts';
import type { AgentsRun } from './agents.ts';
import { type DemoNode, type Machines, startMachines } from './machines.ts';
import { shippedFile, writeKubeconfig } from './programs.ts';
import type { Supervisor } from './supervisor.ts';

export interface ClusterOptions {
  readonly bundles: string;
  readonly timing: Timing;
  readonly nodes: readonly DemoNode[];
  readonly workloads?: Pick<SeedOptions, 'databaseReplicas' | 'barePod' | 'scale'> | 'none';
  /** Default: as processes. */
  readonly agentsRun?: AgentsRun;
  readonly onTrouble: (error: unknown) => void;
  readonly onRestart?: (what: string, how: string) => void;
}

export interface EnvironmentCluster extends Machines {
  readonly api: KubeApi;
  /** A token with all permissions and a kubeconfig with it, for use with kubectl. */
  readonly adminToken: string;
  readonly kubeconfig: string;
  /** With the bot's rights. */
  readonly botKubeconfig: string;
  readonly world: LiveWorld;
}

export const namespace = 'tugboot';
const token = (): string => randomBytes(16).toString('hex');

/** `directory` is its own. */
export async function openCluster(
  options: ClusterOptions,
  directory: string,
  supervisor: Supervisor,
): Promise<EnvironmentCluster> {
  const { bundles, timing, onTrouble } = options;
  mkdirSync(directory, { recursive: true });
  const tokens = {
    admin: token(),
    bot: token(),
    agents: new Map(options.nodes.map(({ name }) => [name, token()])),
  };
  const crds = ['nodeagents', 'reboots'].map((name) =>
    shippedFile(bundles, `charts/tugboot/files/crds/${name}.yaml`),
  );
  const api = await startKubeApi({ users: usersOf(bundles, tokens), crds });
  supervisor.onEnd(() => api.close());
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
  const botKubeconfig = join(directory, 'bot.kubeconfig');
  writeKubeconfig(botKubeconfig, api.url, tokens.bot);
  const kubeconfig = adminKubeconfig(directory, access);
  return { ...machines, api, adminToken: tokens.admin, kubeconfig, botKubeconfig, world };
}

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
