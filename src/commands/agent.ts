import { createCommandSignals } from '../agent/signals/command-signals.ts';
import { createCredentials } from '../agent/api/credentials.ts';
import type { Timers } from '../agent/timers.ts';
import { createHost } from '../agent/host/host.ts';
import { watchHost } from '../agent/host/watch-host.ts';
import { createLog, createStateLog } from '../agent/log.ts';
import { createNodeApi } from '../agent/api/node-agent.ts';
import { createRebootHost } from '../agent/orders/reboot-method.ts';
import { runAgent } from '../agent/run-agent.ts';
import { readSettings, type AgentSettings } from '../agent/settings.ts';
import { createAgentTransport } from '../agent/api/agent-transport.ts';
import { timerDelay } from '../ops/sleep.ts';
import { version } from '../version.ts';
import type { CommandIo } from './io.ts';

export const help = `tugboot agent: reports whether its node needs a reboot, and reboots it when ordered.

It reads
  the sentinel files and the package list, dpkg's status, /boot and /lib/modules of its host
  who holds locks of package managers, and who inhibits a shutdown
  its own NodeAgent object (the order), and whether its own Node is cordoned
It runs
  the commands of TUGBOOT_SIGNAL_COMMANDS, if there are any; nothing that it hears from the cluster can name one
It writes
  the status of its own NodeAgent object, and only when it changed
  log lines (JSON) to standard output

Environment
  NODE_NAME                    name of the node; required
  TUGBOOT_CLUSTER              name of the cluster, for the log
  TUGBOOT_HOST_ROOT            where the host's file system is mounted (/host)
  TUGBOOT_SENTINEL             sentinel file, below the host's root (run/reboot-required)
  TUGBOOT_BOOT_ID_FILE         (/proc/sys/kernel/random/boot_id)
  TUGBOOT_KERNEL_RELEASE_FILE  (/proc/sys/kernel/osrelease)
  TUGBOOT_STAT_FILE            tells when the boot began (/proc/stat)
  TUGBOOT_PROC                 tells which file locks are held, by which processes, and whether another rebooter runs (/proc)
  TUGBOOT_RESTAT_SECONDS       how often to look at the files without an event (60)
  TUGBOOT_SIGNAL_COMMANDS      JSON list of commands that are signals too: needs-restarting dnf dnf5 zypper, or your own
  TUGBOOT_COMMANDS_IN_HOST     true: they run in the mount namespace of the host's first process (false)
  TUGBOOT_REBOOT_METHOD        signal or command (signal)
  TUGBOOT_REBOOT_SIGNAL        signal sent to the host's first process (39, which is SIGRTMIN+5)
  TUGBOOT_REBOOT_COMMAND       program, or JSON list of program and arguments
  TUGBOOT_REBOOT_IN_HOST       true: it runs in the mount namespace of the host's first process (false)
  TUGBOOT_API_URL              API server, instead of the one that Kubernetes names to its pods
  TUGBOOT_API_TOKEN_FILE       bearer token for it
  TUGBOOT_API_CA_FILE          certificate authority of it
  LOG_LEVEL                    trace debug info warn error fatal silent (info)

Exit codes: 0 stopped as asked, 1 failed, 2 bad configuration or usage.
`;

/** Runs the agent until `io.signal` aborts; returns the exit code. */
export async function run(args: readonly string[], io: CommandIo): Promise<number> {
  if (args.includes('--help')) {
    io.stdout.write(help);
    return 0;
  }
  if (args.length > 0) {
    io.stderr.write(
      `tugboot agent: "${args[0]}" is not understood. It takes no arguments. See tugboot agent --help.\n`,
    );
    return 2;
  }
  const result = readSettings(io.env);
  if (!result.ok) {
    const count = result.problems.length === 1 ? '1 problem' : `${result.problems.length} problems`;
    io.stderr.write(
      `tugboot agent: ${count} in the environment\n${result.problems.map((line) => `  ${line}\n`).join('')}`,
    );
    return 2;
  }
  await start(result.settings, io);
  return 0;
}

async function start(settings: AgentSettings, io: CommandIo): Promise<void> {
  const {
    node,
    cluster,
    api: access,
    paths,
    restat,
    method,
    commandsInHost: inHost,
    logLevel: level,
  } = settings;
  const write = (line: string): unknown => io.stdout.write(line);
  const fields = { component: 'agent', version, ...(cluster === undefined ? {} : { cluster }), node };
  const log = createLog({ write, level, now: timers.now, fields });
  const secure = access.base.protocol === 'https:';
  const credentials = createCredentials({ ...access, secure, now: timers.now });
  const transport = createAgentTransport({
    base: access.base,
    credentials,
    userAgent: `tugboot-agent/${version}`,
    timers,
  });
  const commands = createCommandSignals({ commands: settings.commands, inHost, timers });
  log.info('agent started', { method: method.kind, sentinel: paths.sentinel });
  await runAgent(
    {
      version,
      paths,
      restat,
      host: createHost(paths, () => commands.readings(), timers.now),
      commands,
      api: createNodeApi({ transport, node }),
      transport,
      watchHost,
      rebootHost: createRebootHost({ method, timers, env: io.env, process }),
      timers,
      log,
      stateLog: createStateLog(log),
    },
    io.signal,
  );
  credentials.close();
  log.info('agent ended');
}

const timers: Timers = {
  now: () => Date.now(),
  random: () => Math.random(),
  after(ms, callback) {
    const timer = setTimeout(callback, timerDelay(ms));
    return () => clearTimeout(timer);
  },
};
