/**
 * The nodes of the demo: a simulated machine each, and on each the real agent, which starts and ends with its
 * machine.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Kubelet, startKubelet } from '../kubelet/kubelet.ts';
import { realTimers } from '../world/real-timers.ts';
import type { Timing } from '../world/timers.ts';
import type { Supervisor } from './supervisor.ts';
import { restartedProgram, type Program, startProgram } from './programs.ts';

export interface HouseNode {
  readonly name: string;
  readonly controlPlane: boolean;
}

export interface Machines {
  readonly kubelets: ReadonlyMap<string, Kubelet>;
  /** The running agent of each node; replaced at every boot. */
  readonly agents: ReadonlyMap<string, Program>;
}

export interface MachinesOptions {
  readonly nodes: readonly HouseNode[];
  readonly timing: Timing;
  readonly directory: string;
  readonly bundles: string;
  readonly supervisor: Supervisor;
  readonly url: string;
  readonly adminToken: string;
  /** By node. */
  readonly agentTokens: ReadonlyMap<string, string>;
  readonly onTrouble: (error: unknown) => void;
  readonly onRestart?: (what: string, how: string) => void;
}

export async function startMachines(options: MachinesOptions): Promise<Machines> {
  const agents = new Map<string, Program>();
  const started = await Promise.all(options.nodes.map((node) => startMachine(node, agents, options)));
  return { agents, kubelets: new Map(started.map((kubelet) => [kubelet.name, kubelet])) };
}

async function startMachine(
  node: HouseNode,
  agents: Map<string, Program>,
  options: MachinesOptions,
): Promise<Kubelet> {
  const { name } = node;
  const host = join(options.directory, 'nodes', name);
  let over = false;
  let boots = 0;
  const kubelet = await startKubelet({
    url: options.url,
    token: options.adminToken,
    node: {
      name,
      labels: labelsOf(node),
      osImage: 'Ubuntu 24.04.1 LTS',
      directory: host,
      taints: node.controlPlane
        ? [{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }]
        : [],
    },
    timing: options.timing,
    timers: realTimers,
    onError: options.onTrouble,
    onPowerOff: () => {
      boots += 1;
      return agents.get(name)?.kill();
    },
    onPowerOn: () => {
      if (over) return;
      const boot = boots;
      const { supervisor, onRestart } = options;
      restartedProgram(
        { what: `The agent of ${name}`, supervisor, onRestart, gone: () => boot !== boots },
        () => {
          const agent = startAgent(name, host, options);
          agents.set(name, agent);
          return agent;
        },
      );
    },
  });
  options.supervisor.onEnd(async () => {
    over = true;
    kubelet.stop();
  });
  return kubelet;
}

function labelsOf({ controlPlane }: HouseNode): Readonly<Record<string, string>> {
  return controlPlane
    ? { 'node-role.kubernetes.io/control-plane': '' }
    : { 'node-role.kubernetes.io/worker': '', 'topology.kubernetes.io/zone': 'a' };
}

function startAgent(name: string, host: string, options: MachinesOptions): Program {
  const tokenFile = join(options.directory, `agent-${name}.token`);
  writeFileSync(tokenFile, options.agentTokens.get(name) ?? '', { mode: 0o600 });
  return startProgram(options.bundles, options.supervisor, {
    command: 'agent',
    logFile: join(options.directory, `agent-${name}.log`),
    env: {
      NODE_NAME: name,
      TUGBOOT_API_URL: options.url,
      TUGBOOT_API_TOKEN_FILE: tokenFile,
      TUGBOOT_HOST_ROOT: host,
      TUGBOOT_BOOT_ID_FILE: join(host, 'proc', 'boot_id'),
      TUGBOOT_KERNEL_RELEASE_FILE: join(host, 'proc', 'osrelease'),
      TUGBOOT_STAT_FILE: join(host, 'proc', 'stat'),
      TUGBOOT_PROC: join(host, 'proc'),
      TUGBOOT_REBOOT_METHOD: 'command',
      TUGBOOT_REBOOT_COMMAND: join(host, 'bin', 'reboot'),
    },
  });
}
