import type { CommandSignal } from './signals/command-signal.ts';
import { readCommands, readInHost } from './signals/command-settings.ts';
import { readMethod, type Environment, type ReportProblem } from './orders/method-setting.ts';
import { logLevels, type AgentLogLevel } from './log.ts';
import type { CredentialFiles } from './api/credentials.ts';
import type { HostPaths } from './host/host.ts';
import type { RebootMethod } from './orders/reboot-method.ts';

export interface AgentSettings {
  readonly node: string;
  /** For the log only. */
  readonly cluster: string | undefined;
  readonly api: CredentialFiles & { readonly base: URL };
  readonly paths: HostPaths;
  /** In milliseconds. */
  readonly restat: number;
  readonly method: RebootMethod;
  /** Command signals, and whether they run in the host's mount namespace. */
  readonly commands: readonly CommandSignal[];
  readonly commandsInHost: boolean;
  readonly logLevel: AgentLogLevel;
}

export type SettingsResult =
  | { readonly ok: true; readonly settings: AgentSettings }
  /** One line each, starting with the name of the variable. */
  | { readonly ok: false; readonly problems: readonly string[] };

/** Where Kubernetes mounts the credentials of a pod for its API server. */
const serviceAccount = '/var/run/secrets/kubernetes.io/serviceaccount';

/** Reads the environment and reports all problems in it together. */
export function readSettings(env: Environment): SettingsResult {
  const problems: string[] = [];
  const problem: ReportProblem = (variable, what) => problems.push(`${variable}: ${what}`);
  const value = (name: string, fallback: string): string => (env[name]?.trim() ? env[name].trim() : fallback);
  const node = value('NODE_NAME', '');
  // Names of Nodes are DNS subdomains (kubernetes.io: object names).
  if (node === '')
    problem(
      'NODE_NAME',
      'is missing. It names the node the agent runs on (the downward API knows it: spec.nodeName).',
    );
  else if (!/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/.test(node))
    problem('NODE_NAME', `"${node}" is no name of a node.`);
  const api = readApi(env, problem);
  const method = readMethod(env, problem);
  const settings = {
    node,
    cluster: env['TUGBOOT_CLUSTER']?.trim() || undefined,
    paths: {
      root: value('TUGBOOT_HOST_ROOT', '/host'),
      sentinel: readSentinelPath(value('TUGBOOT_SENTINEL', 'run/reboot-required'), problem),
      bootIdFile: value('TUGBOOT_BOOT_ID_FILE', '/proc/sys/kernel/random/boot_id'),
      kernelReleaseFile: value('TUGBOOT_KERNEL_RELEASE_FILE', '/proc/sys/kernel/osrelease'),
      statFile: value('TUGBOOT_STAT_FILE', '/proc/stat'),
      proc: value('TUGBOOT_PROC', '/proc'),
    },
    restat: readRestat(value('TUGBOOT_RESTAT_SECONDS', '60'), problem),
    commands: readCommands(env, problem),
    commandsInHost: readInHost(env, problem),
    logLevel: readLogLevel(value('LOG_LEVEL', 'info'), problem),
  };
  if (problems.length > 0 || api === undefined || method === undefined) return { ok: false, problems };
  return { ok: true, settings: { ...settings, api, method } };
}

function readApi(env: Environment, problem: ReportProblem): AgentSettings['api'] | undefined {
  const given = env['TUGBOOT_API_URL']?.trim();
  if (given) return readApiUrl(given, env, problem);
  const host = env['KUBERNETES_SERVICE_HOST']?.trim();
  const port = env['KUBERNETES_SERVICE_PORT']?.trim() ?? '443';
  if (!host) {
    problem(
      'TUGBOOT_API_URL',
      'is missing, and so is KUBERNETES_SERVICE_HOST, which Kubernetes sets in every pod.',
    );
    return undefined;
  }
  const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  if (!URL.canParse(`https://${authority}`)) {
    problem('KUBERNETES_SERVICE_HOST', `"${host}" with port "${port}" is no address.`);
    return undefined;
  }
  const files = { tokenFile: `${serviceAccount}/token`, caFile: `${serviceAccount}/ca.crt` };
  return { base: new URL(`https://${authority}`), ...files };
}

function readApiUrl(
  given: string,
  env: Environment,
  problem: ReportProblem,
): AgentSettings['api'] | undefined {
  const base = URL.canParse(given) ? new URL(given) : undefined;
  if (base === undefined || !/^https?:$/.test(base.protocol)) {
    problem('TUGBOOT_API_URL', 'is no address. Addresses look like https://10.96.0.1:443.');
    return undefined;
  }
  if (base.username !== '' || base.password !== '')
    problem('TUGBOOT_API_URL', 'must not hold a user or password. Use TUGBOOT_API_TOKEN_FILE.');
  // Plain http would expose the token.
  if (base.protocol === 'http:' && !isLoopback(base.hostname))
    problem('TUGBOOT_API_URL', 'must be https. Plain http is for loopback only.');
  const tokenFile = env['TUGBOOT_API_TOKEN_FILE']?.trim();
  const caFile = env['TUGBOOT_API_CA_FILE']?.trim();
  return { base, ...(tokenFile ? { tokenFile } : {}), ...(caFile ? { caFile } : {}) };
}

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '[::1]' || /^127(\.\d+){3}$/.test(host);

/**
 * Relative to the host's root. `/var/run` is a link to `/run` (FHS 3.0, 5.13), and only `/run` is mounted.
 */
function readSentinelPath(given: string, problem: ReportProblem): string {
  const path = given
    .replace(/\/+/g, '/')
    .replace(/^\//, '')
    .replace(/^var\/run\//, 'run/');
  if (path === '' || path.endsWith('/') || path.split('/').includes('..')) {
    problem(
      'TUGBOOT_SENTINEL',
      `"${given}" is no path of a file below the host's root, such as run/reboot-required.`,
    );
  }
  return path;
}

function readRestat(given: string, problem: ReportProblem): number {
  const seconds = Number(given);
  if (!(seconds >= 0.1 && seconds <= 3600))
    problem('TUGBOOT_RESTAT_SECONDS', `"${given}" is not between 0.1 and 3600 seconds.`);
  return seconds * 1000;
}

function readLogLevel(given: string, problem: ReportProblem): AgentLogLevel {
  const level = logLevels.find((name) => name === given.toLowerCase());
  if (level === undefined) problem('LOG_LEVEL', `"${given}" is no level. Levels are ${logLevels.join(' ')}.`);
  return level ?? 'info';
}
