/** The entry point: selects a command, passes it its environment, and sets the exit code. */
import process from 'node:process';
import type { Command } from './commands/io.ts';
import { version } from './version.ts';

const help = `tugboot: approve Kubernetes node reboots from Slack, and have them carried out safely.

  tugboot serve          the bot
  tugboot agent          the program on each node
  tugboot demo           a cluster and a Slack on this machine, to try it with
  tugboot manifest       print the manifest of the Slack app
  tugboot check-config   say what is wrong with a configuration file
  tugboot doctor         examine an installation, and say what to mend
  tugboot import-kured   translate the settings of kured
  tugboot cleanup        take back what Tugboot has written to the cluster, before it is uninstalled
  tugboot --version      print the version

Each has --help, which says what it reads and writes.
Exit codes: 0 done, 1 failed, 2 bad configuration or usage.
`;

/** Commands that stop gracefully on a signal. The others end at once. */
const gracefulCommands = new Set(['serve', 'agent', 'demo']);

const commands: Readonly<Record<string, () => Promise<{ readonly run: Command }>>> = {
  serve: () => import('./commands/serve.ts'),
  agent: () => import('./commands/agent.ts'),
  demo: () => import('./commands/demo.ts'),
  manifest: () => import('./commands/manifest.ts'),
  'check-config': () => import('./commands/check-config.ts'),
  doctor: () => import('./commands/doctor.ts'),
  'import-kured': () => import('./commands/import-kured.ts'),
  cleanup: () => import('./commands/cleanup.ts'),
};

async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === '--version') {
    process.stdout.write(`tugboot ${version}\n`);
    return 0;
  }
  if (name !== undefined && ['--help', '-h', 'help'].includes(name)) {
    process.stdout.write(help);
    return 0;
  }
  const load = name !== undefined && Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!load) {
    process.stderr.write(
      name === undefined ? help : `tugboot: there is no command "${name}". See tugboot --help.\n`,
    );
    return 2;
  }
  const stop = new AbortController();
  if (name !== undefined && gracefulCommands.has(name))
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort());
  const { run } = await load();
  const plain = rest.map((arg) => (arg === '-h' ? '--help' : arg));
  return run(plain, {
    env: process.env,
    stdout: process.stdout,
    stderr: process.stderr,
    signal: stop.signal,
  });
}

// Nothing may depend on the local time zone: date-fns-tz is wrong around the clock changes of the host's
// zone.
process.env['TZ'] = 'UTC';

/** Ends the process even if libraries keep unused sockets open. */
function end(code: number): void {
  process.exitCode = code;
  setTimeout(() => process.exit(code), 1_000).unref();
}

main(process.argv.slice(2)).then(end, (error: unknown) => {
  process.stderr.write(
    `tugboot: an unexpected failure: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  end(1);
});
