/**
 * Machines that really boot around a real control plane, the demo's Slack, and the bot that ships between
 * them.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { stringify } from 'yaml';
import { startProgram } from '../../../demo/environment/programs.ts';
import { startQueueServer } from '../../../demo/environment/queue-server.ts';
import { type FakeSlack, startSlack } from '../../../demo/slack/slack.ts';
import type { ControlPlane } from '../../cluster/harness/control-plane.ts';
import { bot, installation } from '../../cluster/harness/install-chart.ts';
import type { TestCluster } from '../../cluster/harness/test-cluster.ts';
import type { VmGround } from './ground.ts';
import { type Machine, startMachine } from './machine.ts';
import { makeSiteDisk } from './site-disk.ts';

export interface VmEnvironment {
  readonly slack: FakeSlack;
  machine(name: string): Machine;
  stopBot(): Promise<void>;
  /** Machines that have lost their power. */
  troubles(): readonly string[];
  /** The last output of everything, to find out why nothing happened. */
  lastWords(): string;
  close(): Promise<void>;
}

export interface VmEnvironmentOptions {
  readonly ground: Extract<VmGround, { kind: 'vm' }>;
  readonly cluster: TestCluster;
  readonly plane: ControlPlane;
  readonly machines: readonly string[];
  /** The bot's configuration file, as data; the channel is filled in. */
  readonly config: Readonly<Record<string, unknown>>;
  /** For one command in a machine, its boot included. */
  readonly patience: number;
}

const bundles = resolve('dist');

/** The chart's rights and its DaemonSet have to be installed: the agents come as its pods. */
export async function openVmEnvironment(options: VmEnvironmentOptions): Promise<VmEnvironment> {
  const { plane } = options;
  const machines = await startMachines(options);
  const slack = await startSlack({ pageDirectory: join(bundles, 'page') });
  const { directory, supervisor } = plane;
  // Private, whatever the environment names.
  const queue = await startQueueServer({ env: { PATH: process.env['PATH'] }, directory, supervisor });
  const logFile = join(directory, 'serve.log');
  const env = await botEnvironment(options, slack, queue.url);
  const running = startProgram(bundles, supervisor, { command: 'serve', logFile, env });
  return {
    slack,
    machine(name) {
      const found = machines.get(name);
      if (found === undefined) throw new Error(`no machine is called ${name}`);
      return found;
    },
    stopBot: () => running.stop(),
    troubles: () =>
      [...machines].flatMap(([name, machine]) => {
        const trouble = machine.trouble();
        return trouble === undefined ? [] : [`${name}: ${trouble}`];
      }),
    lastWords: () =>
      [
        ['the bot', existsSync(logFile) ? readFileSync(logFile, 'utf8') : ''],
        ...[...machines].map(([name, machine]) => [name, machine.console()]),
      ]
        .map(([who = '', said = '']) => `--- ${who}\n${said.trim().split('\n').slice(-20).join('\n')}`)
        .join('\n'),
    close: () => slack.close(),
  };
}

async function startMachines(options: VmEnvironmentOptions): Promise<ReadonlyMap<string, Machine>> {
  const { ground, plane, machines, patience } = options;
  const { image, qemu, cluster } = ground;
  const siteDisk = await makeSiteDisk({ plane, program: cluster.program, image, machines });
  const { directory, supervisor } = plane;
  const shared = { qemu, image, siteDisk, directory, supervisor, patience };
  const started = await Promise.all(machines.map((name) => startMachine({ ...shared, name })));
  return new Map(started.map((machine) => [machine.name, machine]));
}

async function botEnvironment(
  { cluster, plane, config }: VmEnvironmentOptions,
  slack: FakeSlack,
  queue: string,
): Promise<Readonly<Record<string, string>>> {
  const file = join(plane.directory, 'tugboot.yaml');
  writeFileSync(file, stringify({ channel: slack.channel.id, ...config }));
  return {
    KUBECONFIG: await cluster.kubeconfigOf(bot),
    TUGBOOT_CONFIG: file,
    SLACK_BOT_TOKEN: slack.botToken,
    SLACK_APP_TOKEN: slack.appToken,
    SLACK_API_URL: slack.apiUrl,
    REDIS_URL: queue,
    POD_NAMESPACE: installation,
    HEALTH_PORT: '0',
  };
}
