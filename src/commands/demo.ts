import { readFileSync, realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import { demoConfig, demoNodes } from '../demo/demo-config.ts';
import { type House, openHouse } from '../demo/house/house.ts';
import type { Program } from '../demo/house/programs.ts';
import { tellStory } from '../demo/story.ts';
import { demoTiming } from '../demo/kubelet/timers.ts';
import type { Command, CommandIo } from './io.ts';

const help = `tugboot demo: a Kubernetes cluster and a Slack on this machine, with the real bot and the real agents run against them.

  tugboot demo             opens a page (its address is printed) that looks and works like a Slack channel
  tugboot demo --script    tells one reboot line by line, without a browser; ends with one line of JSON, exits 0 when it is proven
  tugboot demo --port N    port of the page; a free one without it

Needs neither Slack, Kubernetes nor Docker. Queues: REDIS_URL if set, else a redis-server of PATH, else an embedded PostgreSQL.
Reads the environment (REDIS_URL, PATH, LOG_LEVEL). Writes only below a temporary directory, which it removes; listens on loopback only.
`;

const patience = 60_000;

interface Options {
  readonly script: boolean;
  readonly port?: number;
}

function parse(args: readonly string[]): Options | string {
  let script = false;
  let port: number | undefined;
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index];
    if (arg === '--script') script = true;
    else if (arg === '--port') {
      index += 1;
      port = Number(args[index]);
      if (!Number.isInteger(port) || port < 0 || port > 65_535)
        return `--port wants a port number, not "${args[index] ?? ''}"`;
    } else return `there is no option ${arg}`;
  }
  return { script, ...(port === undefined ? {} : { port }) };
}

export const run: Command = async (args, io) => {
  if (args.includes('--help')) {
    io.stdout.write(help);
    return 0;
  }
  const options = parse(args);
  if (typeof options === 'string') {
    io.stderr.write(`tugboot demo: ${options}. See tugboot demo --help.\n`);
    return 2;
  }
  const house = await openHouse({
    bundles: dirname(realpathSync(process.argv[1] ?? '')),
    timing: demoTiming,
    nodes: demoNodes,
    config: demoConfig,
    env: io.env,
    onTrouble: (error) =>
      io.stderr.write(`tugboot demo: ${error instanceof Error ? error.message : String(error)}\n`),
    ...(options.port === undefined ? {} : { pagePort: options.port }),
  });
  try {
    const bot = house.startBot();
    await ready(house, bot);
    return options.script ? await script(house, io) : await visit(house, bot, io);
  } finally {
    await house.close();
  }
};

/** The bot is there when it has connected to Slack; if it ends instead, its log says why. */
async function ready(house: House, bot: Program): Promise<void> {
  const died = new Promise<never>((_, reject) => {
    bot.child.once('exit', (code) => reject(new Error(`the bot ended with ${code}:\n${tail(house.botLog)}`)));
  });
  died.catch(() => undefined);
  await Promise.race([house.slack.until(() => house.slack.sockets() > 0, patience, 'the bot'), died]);
}

const tail = (file: string): string => readFileSync(file, 'utf8').split('\n').slice(-15).join('\n');

async function visit(house: House, bot: Program, { stdout, stderr, signal }: CommandIo): Promise<number> {
  stdout.write(`
  Tugboot is up, with ${house.kubelets.size} nodes and ${house.queue.what}.

    ${house.slack.url}

  Press "apt upgrade" on a node, then "Approve now" on the card. Ctrl-C ends everything.

  Logs and node directories   ${house.directory}
  kubectl                     KUBECONFIG=${house.kubeconfig}
`);
  const over = Promise.withResolvers<number>();
  signal.addEventListener('abort', () => over.resolve(0), { once: true });
  bot.child.once('exit', (code) => {
    if (signal.aborted) return;
    stderr.write(`tugboot demo: the bot ended with ${code}:\n${tail(house.botLog)}\n`);
    over.resolve(1);
  });
  if (signal.aborted) return 0;
  return over.promise;
}

async function script(house: House, { stdout, stderr, signal }: CommandIo): Promise<number> {
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('stopped')), { once: true });
  });
  try {
    const story = tellStory(house, { node: 'worker-2', tell: (line) => stdout.write(`${line}\n`), patience });
    const result = await Promise.race([story, aborted]);
    stdout.write(`${JSON.stringify(result)}\n`);
    return result.ok ? 0 : 1;
  } catch (error) {
    stderr.write(
      `tugboot demo: ${error instanceof Error ? error.message : String(error)}\nThe bot's last words:\n${tail(house.botLog)}\n`,
    );
    return 1;
  }
}
