import { createHash } from 'node:crypto';
import type { LogLevel } from '../ops/json-logger.ts';
import type { CalendarSource } from '../reboot/windows/calendar-states.ts';
import type { Policy } from '../reboot/policy/policy.ts';
import type { WebhookGate } from '../reboot/policy/pool-gates.ts';
import { webhookGateOf } from './gates-policy.ts';
import { readConfigFile } from './config-file.ts';
import { variables } from './environment.ts';
import { passwordOf } from '../redis-address.ts';
import { type Outside, readText } from './outside.ts';
import { type ClusterAccess, type ClusterFile, clusterFilesOf, isHome } from './cluster-files.ts';
import { calendarSources, policyOf } from './read-policy.ts';
import type { ConfigFile } from './schema/schema.ts';
import { ConfigError, found, type Problem } from './checks/problems.ts';
import { readEnvironment, type Values } from './read-environment.ts';
import { type TracingConfig, tracingOf } from './tracing.ts';

/** One of the clusters that are served. */
export interface ClusterConfig {
  /** With its name. */
  readonly policy: Policy;
  readonly calendars: readonly CalendarSource[];
  /** `namespace`: of Tugboot in that cluster. */
  readonly kube: ClusterAccess & { readonly namespace: string };
  /** Whether the bot runs in it. */
  readonly isHome: boolean;
}

export interface Config {
  /** Hash of the file's text; empty without a file. */
  readonly version: string;
  readonly clusters: readonly [ClusterConfig, ...ClusterConfig[]];
  readonly slack: {
    readonly botToken: string;
    readonly appToken: string;
    readonly apiUrl?: string;
    /** Number of bots that share the app-level token. */
    readonly replicas: number;
  };
  /** `sentinel`: login of the Sentinels. */
  readonly queue: {
    readonly url: string;
    readonly sentinel?: { readonly username?: string; readonly password?: string };
  };
  /** `pod`: with its namespace. */
  readonly own: { readonly namespace: string; readonly pod?: string; readonly node?: string };
  readonly healthPort: number;
  /** Whether the health port shows the queues. */
  readonly queueBoard: boolean;
  /** The collector of traces; absent: nothing is traced. */
  readonly tracing?: TracingConfig;
  /** Where decisions are posted. */
  readonly audit?: WebhookGate;
  /** Whether `kured_reboot_required` is exported, too. */
  readonly kuredMetric: boolean;
  readonly logLevel: LogLevel;
  /** Values that must never be printed. */
  readonly secrets: readonly string[];
}

/** Reads the environment and the file; throws one ConfigError with every problem of both. */
export function loadConfig(outside: Outside): Config {
  const problems: Problem[] = [];
  const values = readValues(outside, problems);
  const versioned = noteVersion(outside);
  const file = readConfigFile(versioned, values.TUGBOOT_CONFIG, problems);
  checkChannels(values, file, problems);
  checkAccess(outside, file, problems);
  const [first, ...others] = file === undefined ? [] : clusterFilesOf(file).map(clusterOf(values));
  if (problems.length > 0 || !file || !first)
    throw new ConfigError(sourceOf(values, problems), problems, versioned.version());
  return {
    ...assemble(values, [first, ...others]),
    kuredMetric: file.metrics.kured,
    ...(file.audit.webhook === undefined ? {} : { audit: webhookGateOf(file.audit.webhook) }),
    version: versioned.version(),
  };
}

function noteVersion({ readFile }: Outside): Pick<Outside, 'readFile'> & { readonly version: () => string } {
  let version = '';
  return {
    version: () => version,
    readFile: (path) => {
      const text = readFile(path);
      version = createHash('sha256').update(text).digest('hex');
      return text;
    },
  };
}

/** Checks the environment that `serve` would have with this file. */
export function checkEnvironment(outside: Outside, file: ConfigFile | undefined, problems: Problem[]): void {
  checkChannels(readValues(outside, problems), file, problems);
  checkAccess(outside, file, problems);
}

function readValues(outside: Outside, problems: Problem[]): Values {
  const values = readEnvironment(outside, problems);
  checkKubeconfig(outside, values.KUBECONFIG, problems);
  checkSentinelLogin(values, problems);
  checkBoard(values, problems);
  return values;
}

function checkChannels(values: Values, file: ConfigFile | undefined, problems: Problem[]): void {
  for (const { settings, path } of file === undefined ? [] : clusterFilesOf(file)) {
    const channel = settings.channel ?? values.SLACK_CHANNEL;
    if (channel === undefined && settings.pools.some((pool) => pool.channel === undefined)) {
      problems.push({
        path: `${path}channel`,
        message:
          'Nothing is there. Write the id of the Slack channel for the cards here, or in SLACK_CHANNEL.',
      });
    }
  }
}

function checkSentinelLogin({ REDIS_URL: url = '', ...values }: Values, problems: Problem[]): void {
  for (const name of ['REDIS_SENTINEL_USER', 'REDIS_SENTINEL_PASSWORD'] as const)
    if (values[name] !== undefined && !url.includes('+sentinel:'))
      problems.push({
        path: name,
        message:
          'REDIS_URL names no Sentinels. Write redis+sentinel://host,host/NAME there, or leave this out.',
      });
}

function checkBoard({ REDIS_URL: url = '', QUEUE_BOARD: board }: Values, problems: Problem[]): void {
  if (board === 'on' && url.startsWith('postgres'))
    problems.push({
      path: 'QUEUE_BOARD',
      message: 'It shows queues on Redis, and REDIS_URL names a PostgreSQL. Leave it out, or use a Redis.',
    });
}

/** Only checks that the file can be read; the Kubernetes client judges its content. */
function checkKubeconfig(outside: Outside, path: string | undefined, problems: Problem[]): void {
  if (path !== undefined) checkReadable(outside, { path, setting: 'KUBECONFIG' }, problems);
}

/** The same of the files by which the clusters are reached. */
function checkAccess(outside: Outside, file: ConfigFile | undefined, problems: Problem[]): void {
  for (const { access, path: prefix } of file === undefined ? [] : clusterFilesOf(file)) {
    for (const setting of ['kubeconfig', 'tokenFile', 'caFile'] as const) {
      const path = access[setting];
      if (path !== undefined) checkReadable(outside, { path, setting: `${prefix}${setting}` }, problems);
    }
  }
}

function checkReadable(
  outside: Outside,
  { path, setting }: { readonly path: string; readonly setting: string },
  problems: Problem[],
): void {
  readText(outside, path, (why) =>
    problems.push({ path: setting, message: `${found(path)} This file cannot be read (${why}).` }),
  );
}

/** Names the source of the problems: variables are in capitals, settings and lines of the file are not. */
function sourceOf({ TUGBOOT_CONFIG: path }: Values, problems: readonly Problem[]): string {
  if (path === undefined) return 'the environment';
  const inEnvironment = problems.filter((problem) => /^[A-Z_]+$/.test(problem.path)).length;
  if (inEnvironment === 0) return path;
  return inEnvironment === problems.length ? 'the environment' : `the environment and ${path}`;
}

const clusterOf =
  (values: Values) =>
  ({ settings, access, colour }: ClusterFile): ClusterConfig => {
    const { KUBECONFIG: kubeconfig, KUBE_CONTEXT: context } = values;
    const ofEnvironment = {
      ...(kubeconfig === undefined ? {} : { kubeconfig }),
      ...(context === undefined ? {} : { context }),
    };
    return {
      policy: {
        ...policyOf(settings, settings.channel ?? values.SLACK_CHANNEL ?? ''),
        ...(colour === undefined ? {} : { colour }),
      },
      calendars: calendarSources(settings),
      kube: {
        namespace: namespaceOf(values),
        ...(isHome(access) ? ofEnvironment : {}),
        // A context alone is one of the kubeconfig of the environment.
        ...(access.context !== undefined && kubeconfig !== undefined ? { kubeconfig } : {}),
        ...access,
      },
      isHome: isHome(access),
    };
  };

const namespaceOf = ({ POD_NAMESPACE: namespace }: Values): string => namespace ?? 'tugboot';

function assemble(values: Values, clusters: Config['clusters']): Omit<Config, 'version' | 'kuredMetric'> {
  const { SLACK_API_URL: apiUrl, POD_NAME: pod, NODE_NAME: node } = values;
  const namespace = namespaceOf(values);
  const secretNames = Object.values(variables)
    .filter(({ secret }) => secret)
    .map(({ name }) => name);
  const queue = queueOf(values);
  const tracing = tracingOf(values);
  return {
    clusters,
    slack: {
      botToken: values.SLACK_BOT_TOKEN ?? '',
      appToken: values.SLACK_APP_TOKEN ?? '',
      replicas: Number(values.TUGBOOT_REPLICAS),
      ...(apiUrl === undefined ? {} : { apiUrl }),
    },
    queue,
    own: {
      namespace,
      ...(pod === undefined ? {} : { pod: `${namespace}/${pod}` }),
      ...(node === undefined ? {} : { node }),
    },
    healthPort: Number(values.HEALTH_PORT),
    queueBoard: values.QUEUE_BOARD === 'on',
    ...(tracing === undefined ? {} : { tracing }),
    logLevel: (values.LOG_LEVEL ?? 'info') as LogLevel,
    secrets: [
      ...secretNames.map((name) => values[name] ?? ''),
      passwordOf(queue.url),
      ...Object.values(tracing?.headers ?? {}),
      // The URL of a calendar is often all that is needed to read it.
      ...clusters.flatMap(({ calendars }) =>
        calendars.flatMap(({ from }) => (from.kind === 'url' ? [from.url] : [])),
      ),
    ].filter((secret) => secret !== '' && secret !== variables.REDIS_URL.fallback),
  };
}

function queueOf({
  REDIS_URL: url = '',
  REDIS_SENTINEL_USER: username,
  REDIS_SENTINEL_PASSWORD: password,
}: Values): Config['queue'] {
  if (username === undefined && password === undefined) return { url };
  return {
    url,
    sentinel: {
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
    },
  };
}
