import { createHash } from 'node:crypto';
import type { LogLevel } from '../ops/json-logger.ts';
import type { CalendarSource } from '../reboot/windows/calendar-states.ts';
import type { Policy } from '../reboot/policy/policy.ts';
import type { WebhookGate } from '../reboot/policy/pool-gates.ts';
import { webhookGateOf } from './gates-policy.ts';
import { readConfigFile } from './config-file.ts';
import { variables } from './environment.ts';
import { type Outside, readText } from './outside.ts';
import { calendarSources, policyOf } from './read-policy.ts';
import type { ConfigFile } from './schema/schema.ts';
import { ConfigError, found, type Problem } from './checks/problems.ts';
import { readEnvironment, type Values } from './read-environment.ts';

export interface Config {
  /** Hash of the file's text; empty without a file. */
  readonly version: string;
  readonly policy: Policy;
  readonly calendars: readonly CalendarSource[];
  readonly slack: {
    readonly botToken: string;
    readonly appToken: string;
    readonly apiUrl?: string;
    /** Number of bots that share the app-level token. */
    readonly replicas: number;
  };
  readonly queueUrl: string;
  readonly kube: { readonly kubeconfig?: string; readonly context?: string; readonly namespace: string };
  readonly own: { readonly pod?: string; readonly node?: string };
  readonly healthPort: number;
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
  checkChannel(values, file, problems);
  if (problems.length > 0 || !file)
    throw new ConfigError(sourceOf(values, problems), problems, versioned.version());
  const channel = file.channel ?? values.SLACK_CHANNEL ?? '';
  return {
    ...assemble(values, policyOf(file, channel), calendarSources(file)),
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
  checkChannel(readValues(outside, problems), file, problems);
}

function readValues(outside: Outside, problems: Problem[]): Values {
  const values = readEnvironment(outside, problems);
  checkKubeconfig(outside, values.KUBECONFIG, problems);
  return values;
}

function checkChannel(values: Values, file: ConfigFile | undefined, problems: Problem[]): void {
  const channel = file?.channel ?? values.SLACK_CHANNEL;
  if (file && channel === undefined && file.pools.some((pool) => pool.channel === undefined)) {
    problems.push({
      path: 'channel',
      message: 'Nothing is there. Write the id of the Slack channel for the cards here, or in SLACK_CHANNEL.',
    });
  }
}

/** Only checks that the file can be read; the Kubernetes client judges its content. */
function checkKubeconfig(outside: Outside, path: string | undefined, problems: Problem[]): void {
  if (path === undefined) return;
  readText(outside, path, (why) =>
    problems.push({ path: 'KUBECONFIG', message: `${found(path)} This file cannot be read (${why}).` }),
  );
}

/** Names the source of the problems: variables are in capitals, settings and lines of the file are not. */
function sourceOf({ TUGBOOT_CONFIG: path }: Values, problems: readonly Problem[]): string {
  if (path === undefined) return 'the environment';
  const inEnvironment = problems.filter((problem) => /^[A-Z_]+$/.test(problem.path)).length;
  if (inEnvironment === 0) return path;
  return inEnvironment === problems.length ? 'the environment' : `the environment and ${path}`;
}

function assemble(
  values: Values,
  policy: Policy,
  calendars: readonly CalendarSource[],
): Omit<Config, 'version' | 'kuredMetric'> {
  const {
    SLACK_API_URL: apiUrl,
    KUBECONFIG: kubeconfig,
    KUBE_CONTEXT: context,
    POD_NAME: pod,
    NODE_NAME: node,
  } = values;
  const namespace = values.POD_NAMESPACE ?? 'tugboot';
  const secretNames = Object.values(variables)
    .filter(({ secret }) => secret)
    .map(({ name }) => name);
  const queueUrl = values.REDIS_URL ?? '';
  return {
    policy,
    calendars,
    slack: {
      botToken: values.SLACK_BOT_TOKEN ?? '',
      appToken: values.SLACK_APP_TOKEN ?? '',
      replicas: Number(values.TUGBOOT_REPLICAS),
      ...(apiUrl === undefined ? {} : { apiUrl }),
    },
    queueUrl,
    kube: {
      namespace,
      ...(kubeconfig === undefined ? {} : { kubeconfig }),
      ...(context === undefined ? {} : { context }),
    },
    own: {
      ...(pod === undefined ? {} : { pod: `${namespace}/${pod}` }),
      ...(node === undefined ? {} : { node }),
    },
    healthPort: Number(values.HEALTH_PORT),
    logLevel: (values.LOG_LEVEL ?? 'info') as LogLevel,
    secrets: [
      ...secretNames.map((name) => values[name] ?? ''),
      passwordOf(queueUrl),
      // The URL of a calendar is often all that is needed to read it.
      ...calendars.flatMap(({ from }) => (from.kind === 'url' ? [from.url] : [])),
    ].filter((secret) => secret !== '' && secret !== variables.REDIS_URL.fallback),
  };
}

const passwordOf = (address: string): string =>
  URL.canParse(address) ? decodeURIComponent(new URL(address).password) : '';
