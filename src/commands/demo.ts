import { readFileSync, realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { demoCluster, type DemoCluster, demoConfig, demoNodes } from '../../demo/demo-config.ts';
import { demoClusters } from '../../demo/demo-clusters.ts';
import { type DemoEnvironment, openDemoEnvironment } from '../../demo/environment/demo-environment.ts';
import type { Program } from '../../demo/environment/programs.ts';
import { tellStory } from '../../demo/story.ts';
import { demoTiming } from '../../demo/world/timers.ts';
import type { Command, CommandIo } from './io.ts';

const help = `tugboot demo: a Kubernetes cluster and a Slack on this machine, with the real bot and the real agents run against them.

  tugboot demo             opens a page (its address is printed) that looks and works like a Slack channel
  tugboot demo --script    tells one reboot line by line, without a browser; ends with one line of JSON, exits 0 when it is proven
  tugboot demo --port N    port of the page; a free one without it
  tugboot demo --clusters N  two or three clusters behind one bot, each with four nodes and a channel of its own
  tugboot demo --nodes N   a cluster of N nodes in three zones, 2 to 200, instead of four nodes; the agents of more than 12 run in one process

Needs neither Slack, Kubernetes nor Docker. Programs of it that are killed are started again, as a cluster would: try it. Queues: REDIS_URL if set, else a redis-server of PATH, else an embedded PostgreSQL.
Reads the environment (REDIS_URL, PATH, LOG_LEVEL). Writes only below a temporary directory, which it removes; listens on loopback only.

Exit codes: 0 stopped as asked, or the reboot of --script is proven; 1 failed, 2 wrong usage.
`;

const patience = 60_000;

interface Options {
  readonly help: boolean;
  readonly script: boolean;
  readonly port?: number;
  readonly nodes?: number;
  readonly clusters?: 2 | 3;
}

/** The parsed options, or a sentence about the error. */
function parse(args: readonly string[]): Options | string {
  const options = {
    help: { type: 'boolean' },
    script: { type: 'boolean' },
    port: { type: 'string' },
    nodes: { type: 'string' },
    clusters: { type: 'string' },
  } as const;
  try {
    const { values } = parseArgs({ args: [...args], options });
    const { help: wantsHelp = false, script = false } = values;
    const port = numberIn(values.port, 0, 65_535);
    if (port === 'wrong') return `"${values.port}" is no port. Ports are 0 to 65535.`;
    const nodes = numberIn(values.nodes, 2, 200);
    if (nodes === 'wrong') return `"${values.nodes}" is no number of nodes. It has 2 to 200.`;
    const clusters = numberIn(values.clusters, 2, 3);
    if (clusters === 'wrong') return `"${values.clusters}" is no number of clusters. It has 2 or 3.`;
    return (
      conflictIn({ script, nodes, clusters }) ?? {
        help: wantsHelp,
        script,
        ...(port === undefined ? {} : { port }),
        ...(nodes === undefined ? {} : { nodes }),
        ...(clusters === undefined ? {} : { clusters: clusters === 2 ? 2 : 3 }),
      }
    );
  } catch (error) {
    // The first sentence of parseArgs's message; the others are for developers.
    return `${(error instanceof Error ? error.message : String(error)).split(/\.?\n|\. /)[0] ?? ''}.`;
  }
}

/** A sentence about options that do not go together. */
function conflictIn({ script, nodes, clusters }: Sizes): string | undefined {
  if (clusters !== undefined && (script || nodes !== undefined))
    return '--clusters has four nodes in each, without --nodes and --script.';
  return script && nodes !== undefined ? '--script tells of one of four nodes, without --nodes.' : undefined;
}

interface Sizes {
  readonly script: boolean;
  readonly nodes: number | undefined;
  readonly clusters: number | undefined;
}

function numberIn(text: string | undefined, from: number, to: number): number | 'wrong' | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  return /^\d+$/.test(text) && number >= from && number <= to ? number : 'wrong';
}

export const run: Command = async (args, io) => {
  const options = parse(args);
  if (typeof options === 'string') {
    io.stderr.write(`tugboot demo: ${options} See tugboot demo --help.\n`);
    return 2;
  }
  if (options.help) {
    io.stdout.write(help);
    return 0;
  }
  const environment = await open(options, io).catch((error: unknown) => {
    io.stderr.write(`tugboot demo: ${reasonOf(error)}\n`);
    return undefined;
  });
  if (!environment) return 1;
  try {
    const bot = environment.startBot();
    await ready(environment, bot);
    return options.script ? await script(environment, io) : await visit(environment, io);
  } catch (error) {
    io.stderr.write(`tugboot demo: ${reasonOf(error)}\n`);
    return 1;
  } finally {
    await environment.close();
  }
};

/** Each agent is a process of some 40 MB. */
const mostProcesses = 12;

const smallCluster: DemoCluster = { nodes: demoNodes, config: demoConfig, scale: 1 };

function open({ port, nodes: size, clusters }: Options, io: CommandIo): Promise<DemoEnvironment> {
  const { nodes, config, scale } = size === undefined ? smallCluster : demoCluster(size);
  return openDemoEnvironment({
    bundles: dirname(realpathSync(process.argv[1] ?? '')),
    timing: demoTiming,
    nodes,
    config,
    workloads: { scale },
    ...(clusters === undefined ? {} : demoClusters(clusters)),
    agentsRun: nodes.length > mostProcesses ? 'in this process' : 'as processes',
    env: io.env,
    onTrouble: (error) =>
      io.stderr.write(`tugboot demo: ${error instanceof Error ? error.message : String(error)}\n`),
    onRestart: (what, how) => io.stderr.write(`  ${what} ${how}. It runs again, as it would in a cluster.\n`),
    ...(port === undefined ? {} : { pagePort: port }),
  });
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error && error.code === 'EADDRINUSE' && 'port' in error
    ? `port ${String(error.port)} is taken by another program. Name another one, or leave --port out.`
    : error.message;
}

/** Resolves when the bot has connected to Slack; rejects with the end of its log if it exits. */
async function ready(environment: DemoEnvironment, bot: Program): Promise<void> {
  const died = new Promise<never>((_, reject) => {
    bot.child.once('exit', (code) =>
      reject(new Error(`the bot ended with ${code}:\n${tail(environment.botLog)}`)),
    );
  });
  died.catch(() => undefined);
  await Promise.race([
    environment.slack.until(() => environment.slack.sockets() > 0, patience, 'the bot'),
    died,
  ]);
}

const tail = (file: string): string => readFileSync(file, 'utf8').split('\n').slice(-15).join('\n');

/** Of all clusters. */
const nodesOf = ({ clusters }: DemoEnvironment): number =>
  [...clusters.values()].reduce((sum, { kubelets }) => sum + kubelets.size, 0);

async function visit(environment: DemoEnvironment, { stdout, signal }: CommandIo): Promise<number> {
  stdout.write(`
  Tugboot is up, with ${nodesOf(environment)} nodes and ${environment.queue.what}.

    ${environment.slack.url}

  Press "apt upgrade" on a node, then "Approve now" on the card, or "Patch all workers". Ctrl-C ends everything.

  Logs and node directories   ${environment.directory}
  kubectl                     KUBECONFIG=${environment.kubeconfig}
`);
  if (!signal.aborted)
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  return 0;
}

async function script(environment: DemoEnvironment, { stdout, stderr, signal }: CommandIo): Promise<number> {
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('stopped')), { once: true });
  });
  try {
    const story = tellStory(environment, {
      node: 'worker-2',
      tell: (line) => stdout.write(`${line}\n`),
      patience,
    });
    const result = await Promise.race([story, aborted]);
    stdout.write(`${JSON.stringify(result)}\n`);
    return result.ok ? 0 : 1;
  } catch (error) {
    stderr.write(
      `tugboot demo: ${error instanceof Error ? error.message : String(error)}\nThe bot's last words:\n${tail(environment.botLog)}\n`,
    );
    return 1;
  }
}
