/**
 * The environment of the demo: clusters with kubelets, a Slack and a queue server, all on loopback, with the
 * real programs running against them. The stories of the test suite use it too. Nothing under src depends on
 * it.
 */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { RebootChannel } from '../slack/workspace/seeds.ts';
import { joinedWorlds } from '../world/joined-worlds.ts';
import type { World } from '../world/view.ts';
import { type FakeSlack, startSlack } from '../slack/slack.ts';
import { createSupervisor, type Supervisor } from './supervisor.ts';
import { type ClusterOptions, type EnvironmentCluster, namespace, openCluster } from './cluster.ts';
import { restartedProgram, type Program, startProgram } from './programs.ts';
import { type QueueServer, startQueueServer } from './queue-server.ts';

type Data = Readonly<Record<string, unknown>>;

export interface EnvironmentOptions extends ClusterOptions {
  /** The configuration file of the bot, as data; the channel is added to it. */
  readonly config: Data & { readonly cluster?: string };
  /** Further clusters that the same bot serves. The first has the name that `config` gives it. */
  readonly others?: readonly OtherCluster[];
  /** Settings that the first cluster has of its own, where there are others. */
  readonly settings?: Data;
  /** Channels for reboots beside the first, which is the home of the page. */
  readonly rebootChannels?: readonly RebootChannel[];
  readonly pagePort?: number;
  /** The environment of the calling process: REDIS_URL and PATH are read. */
  readonly env: NodeJS.ProcessEnv;
  /**
   * If given, programs that exit are restarted, as in a cluster, and this is called each time. Without it,
   * they stay down, as tests need.
   */
  readonly onRestart?: (what: string, how: string) => void;
}

export interface OtherCluster extends Pick<ClusterOptions, 'nodes' | 'workloads'> {
  readonly name: string;
  /** Settings that it has of its own. */
  readonly settings?: Data;
}

export interface DemoEnvironment extends EnvironmentCluster {
  readonly directory: string;
  readonly slack: FakeSlack;
  readonly queue: QueueServer;
  /** All clusters by name; the environment itself is the first. */
  readonly clusters: ReadonlyMap<string, EnvironmentCluster>;
  /** Starts a bot; a second one is a second replica. */
  startBot(): Program;
  /** The environment variables of a bot. */
  readonly botEnv: Readonly<Record<string, string>>;
  /** The configuration file of the bot, as data. */
  readonly botConfig: Data;
  readonly botLog: string;
  /** Stops everything that was started. */
  close(): Promise<void>;
}

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
  const { bundles, env } = options;
  const queue = await startQueueServer({ env, directory, supervisor, onRestart: options.onRestart });
  const first = await openCluster(options, directory, supervisor);
  const clusters = new Map([[firstName(options), first]]);
  for (const { name, ...other } of options.others ?? [])
    clusters.set(name, await openCluster({ ...options, ...other }, join(directory, name), supervisor));
  const slack = await startSlack({
    world: clusters.size === 1 ? first.world : joinedWorlds(worldsOf(clusters)),
    pageDirectory: join(bundles, 'page'),
    ...(options.rebootChannels === undefined ? {} : { rebootChannels: options.rebootChannels }),
    ...(options.pagePort === undefined ? {} : { port: options.pagePort }),
  });
  supervisor.onEnd(() => slack.close());

  const botConfig = { channel: slack.channel.id, ...configOf(options, clusters) };
  const botEnv = botEnvironment({ directory, first, slack, queue, env, botConfig });
  const botLog = join(directory, 'serve.log');
  return {
    ...first,
    directory,
    clusters,
    slack,
    queue,
    startBot: () =>
      restartedProgram({ what: 'The bot', supervisor, onRestart: options.onRestart }, () =>
        startProgram(bundles, supervisor, { command: 'serve', env: botEnv, logFile: botLog }),
      ),
    botEnv,
    botConfig,
    botLog,
    close: () => supervisor.close(),
  };
}

const worldsOf = (clusters: ReadonlyMap<string, EnvironmentCluster>): ReadonlyMap<string, World> =>
  new Map([...clusters].map(([name, { world }]) => [name, world]));

const firstName = ({ config }: EnvironmentOptions): string => config.cluster ?? 'default';

/** With other clusters each is listed, with a kubeconfig of its own. */
function configOf(options: EnvironmentOptions, clusters: ReadonlyMap<string, EnvironmentCluster>): Data {
  const { config, settings = {}, others = [] } = options;
  if (others.length === 0) return config;
  const { cluster: _name, ...shared } = config;
  const all = [{ name: firstName(options), settings }, ...others];
  return {
    ...shared,
    clusters: all.map((one) => ({
      name: one.name,
      kubeconfig: clusters.get(one.name)?.botKubeconfig,
      ...one.settings,
    })),
  };
}

interface Surroundings {
  readonly directory: string;
  readonly first: EnvironmentCluster;
  readonly slack: FakeSlack;
  readonly queue: QueueServer;
  readonly env: NodeJS.ProcessEnv;
  readonly botConfig: Data;
}

function botEnvironment({
  directory,
  first,
  slack,
  queue,
  env,
  botConfig,
}: Surroundings): Readonly<Record<string, string>> {
  const config = join(directory, 'tugboot.yaml');
  writeFileSync(config, stringify(botConfig));
  return {
    KUBECONFIG: first.botKubeconfig,
    TUGBOOT_CONFIG: config,
    SLACK_BOT_TOKEN: slack.botToken,
    SLACK_APP_TOKEN: slack.appToken,
    SLACK_API_URL: slack.apiUrl,
    REDIS_URL: queue.url,
    POD_NAMESPACE: namespace,
    HEALTH_PORT: '0',
    LOG_LEVEL: env['LOG_LEVEL'] ?? 'info',
  };
}
