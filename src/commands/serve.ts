import { writeFileSync } from 'node:fs';
import process from 'node:process';
import { type Variable, variables } from '../config/environment.ts';
import { fileTouched } from '../config/file-touched.ts';
import { type Config, loadConfig } from '../config/load.ts';
import { readRegularFile } from '../read-file.ts';
import { ConfigError } from '../config/checks/problems.ts';
import { configWarnings } from '../doctor/all-checks.ts';
import { consoleIntoLog } from '../ops/console-lines.ts';
import { HealthPortError } from '../ops/health.ts';
import { createLogger } from '../ops/json-logger.ts';
import { type SecretsHider, secretsHider } from '../ops/secrets.ts';
import { useProxyOf } from '../ops/http-proxy.ts';
import { sleep } from '../ops/sleep.ts';
import { PortError } from '../reboot/ports/port-error.ts';
import type { Logger } from '../reboot/ports/logger.ts';
import type { Runtime } from '../lifecycle/runtime.ts';
import { serve } from '../lifecycle/compose-bot.ts';
import { version } from '../version.ts';
import type { Command, CommandIo } from './io.ts';

const describe = ({ name, what, required, fallback, secret }: Variable): string => {
  const notes = [
    required ? 'required' : '',
    fallback === undefined ? '' : `default ${fallback}`,
    secret ? `or ${name}_FILE` : '',
  ];
  return `  ${name.padEnd(16)} ${what} ${notes
    .filter((note) => note !== '')
    .map((note) => `(${note})`)
    .join(' ')}`.trimEnd();
};

const help =
  (): string => `tugboot serve: the bot. Watches the cluster, asks in Slack, carries out what was decided.

Reads the environment:
${Object.values(variables).map(describe).join('\n')}

Reads the configuration file, the cluster's Nodes, Pods, PodDisruptionBudgets, and its own NodeAgent and Reboot objects.
Writes Reboots, NodeAgents, the ledger of turns (ConfigMap tugboot-turns), Events; cordons, drains and uncordons nodes that it was told to
reboot; posts to Slack. Logs JSON lines to stdout.

Exit codes: 0 stopped as asked, 1 failed, 2 bad configuration or usage.
`;

export const run: Command = async (args, io) => {
  if (args.includes('--help')) {
    io.stdout.write(help());
    return 0;
  }
  if (args.length > 0) {
    io.stderr.write(`tugboot serve: there is no option ${args[0]}. See tugboot serve --help.\n`);
    return 2;
  }
  const config = configFrom(io);
  return config === undefined ? 2 : start(config, io);
};

const readConfig = ({ env }: CommandIo): Config => loadConfig({ env, readFile: readRegularFile });

function configFrom(io: CommandIo): Config | undefined {
  try {
    return readConfig(io);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    io.stderr.write(`tugboot: ${error.message}\n`);
    writeTerminationMessage(error.message, io);
    return undefined;
  }
}

/**
 * In milliseconds. A container runtime may kill the process 10 s after its signal. Connections still open
 * then are dropped, as in a crash: no state exists in them only.
 */
const shutdownTimeout = 7_500;

async function start(config: Config, io: CommandIo): Promise<number> {
  useProxyOf(io.env);
  const hide = secretsHider(config.secrets);
  const [first, ...others] = config.clusters;
  // Of several clusters, the lines that concern one of them name it.
  const fields = {
    component: 'bot',
    version,
    ...(others.length === 0 ? { cluster: first.policy.cluster } : {}),
  };
  const listeners: AuditListener[] = [];
  const logger = createLogger({
    level: config.logLevel,
    stream: io.stdout,
    hide,
    fields,
    onAudit: (record) => listeners.forEach((listen) => listen(record)),
  });
  // Time zones change by law: the log must name the time zone data in use.
  logger.info('starting', {
    node_version: process.versions.node,
    tz_data: process.versions['tz'] ?? 'unknown',
  });
  consoleIntoLog(console, logger);
  try {
    const late = after(io.signal, shutdownTimeout).then(() =>
      logger.warn('stopped without closing everything'),
    );
    await Promise.race([serve(config, runtimeOf({ logger, hide, listeners }, io), io.signal), late]);
    return 0;
  } catch (error) {
    logger.error('cannot go on', { err: error });
    // The termination message is shown by `kubectl describe pod`.
    const sentence = hide(sentenceOf(error));
    io.stderr.write(`tugboot: ${sentence}\n`);
    writeTerminationMessage(sentence, io);
    return 1;
  }
}

const sentenceOf = (error: unknown): string =>
  error instanceof PortError || error instanceof HealthPortError
    ? error.message
    : 'An unexpected failure; the log has it.';

/**
 * Resolves `ms` milliseconds after the signal aborts, never without that; does not keep the process alive.
 */
const after = (signal: AbortSignal, ms: number): Promise<void> =>
  new Promise((resolve) => {
    const wait = (): void => void setTimeout(resolve, ms).unref();
    if (signal.aborted) wait();
    else signal.addEventListener('abort', wait, { once: true });
  });

/** The kubelet truncates the termination message to this length, in bytes. */
const maxTerminationMessage = 4096;

function writeTerminationMessage(sentence: string, { env }: CommandIo): void {
  const path = env[variables.TERMINATION_LOG.name] || variables.TERMINATION_LOG.fallback;
  try {
    const text = Buffer.from(`${sentence}\n`).subarray(0, maxTerminationMessage);
    writeFileSync(path, text, { flag: 'r+' });
  } catch {
    // Outside a container the file does not exist; the sentence is on stderr as well.
  }
}

interface LogDeps {
  readonly logger: Logger;
  readonly hide: SecretsHider;
  readonly listeners: AuditListener[];
}

type AuditListener = (record: object) => void;

const runtimeOf = ({ logger, hide, listeners }: LogDeps, io: CommandIo): Runtime => ({
  readConfig: () => {
    const config = readConfig(io);
    // Before the new secrets can be logged.
    hide.learn(config.secrets);
    return config;
  },
  clock: { now: () => Date.now() },
  random: () => Math.random(),
  sleep,
  logger,
  configWarnings: () => configWarnings({ env: io.env, readFile: readRegularFile }, { now: () => Date.now() }),
  onAudit: (callback) => void listeners.push(callback),
  every: (ms, signal, callback) => {
    const timer = setInterval(callback, ms);
    signal.addEventListener('abort', () => clearInterval(timer), { once: true });
  },
  onConfigTouched: (signal, callback) => {
    const path = io.env['TUGBOOT_CONFIG'];
    if (path !== undefined) fileTouched({ path, signal, logger, callback });
  },
});
