/** Stories in the demo's environment, on its own Kubernetes API, with fast machines. */
import { renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { stringify } from 'yaml';
import { type DemoEnvironment, openDemoEnvironment } from '../../demo/environment/demo-environment.ts';
import type { Faults } from '../../demo/kube/requests/faults.ts';
import type { RequestRecord } from '../../demo/kube/requests/request-log.ts';
import { fastTiming } from '../../demo/world/timers.ts';
import { startBotHere } from './bot-here.ts';
import { type Stage, type StageOptions, storiesIn } from './story-environment.ts';

export interface DemoStage extends Stage, Pick<DemoEnvironment, 'clusters' | 'botConfig'> {
  readonly directory: string;
  readonly botEnv: Readonly<Record<string, string>>;
  /** All requests to the API so far, oldest first. */
  requests(): readonly RequestRecord[];
  /** Replaces the bot's configuration file, as the update of a ConfigMap does. */
  configure(config: Readonly<Record<string, unknown>>): void;
  /** Faults for requests to the API server. */
  readonly faults: Pick<Faults, 'add'>;
}

async function openDemoStage(
  wish: StageOptions,
  env: Readonly<Record<string, string>> = {},
): Promise<DemoStage> {
  const isBundled = wish.programs === 'bundled';
  const environment = await openDemoEnvironment({
    ...wish,
    bundles: resolve('dist'),
    timing: fastTiming,
    workloads: {},
    // A process for each of many agents would take the test's time.
    agentsRun: isBundled && wish.nodes.length <= 6 ? 'as processes' : 'in this process',
    env: { ...process.env, ...env },
    onTrouble: (error) => process.stderr.write(`the environment: ${String(error)}\n`),
  });
  return {
    ...environment,
    startBot: async () =>
      isBundled
        ? environment.startBot()
        : startBotHere({ env: environment.botEnv, logFile: environment.botLog }),
    faults: environment.api.faults,
    configure: (config) => {
      const file = join(environment.directory, 'tugboot.yaml');
      writeFileSync(`${file}.new`, stringify({ channel: environment.slack.channel.id, ...config }));
      renameSync(`${file}.new`, file);
    },
    kube: (method, path, body) => ask(environment, { method, path, body }),
    requests: () => environment.api.requests(),
    evictions: () =>
      environment.api
        .requests()
        .filter(({ path, status }) => path.endsWith('/eviction') && status === 201)
        .map(({ path }) => path),
  };
}

interface Question {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}

async function ask(
  { api, adminToken }: DemoEnvironment,
  { method, path, body }: Question,
): Promise<Record<string, unknown>> {
  const response = await fetch(`${api.url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${adminToken}`,
      'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json',
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const answer = (await response.json()) as Record<string, unknown>;
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(answer)}`);
  return answer;
}

export const inDemoEnvironment = storiesIn((wish) => openDemoStage(wish));

/** With variables of the environment: REDIS_URL, LOG_LEVEL. */
export const inDemoEnvironmentWith = (
  env: Readonly<Record<string, string>>,
): ReturnType<typeof storiesIn<DemoStage>> => storiesIn((wish) => openDemoStage(wish, env));
