/**
 * The nodes of the demo: a simulated machine each, and on each the real agent, which starts and ends with its
 * machine.
 */
import { join } from 'node:path';
import { type Kubelet, startKubelet } from '../kubelet/kubelet.ts';
import { realTimers } from '../world/real-timers.ts';
import type { Timing } from '../world/timers.ts';
import type { Supervisor } from './supervisor.ts';
import { type AgentsRun, type RunningAgent, startAgent } from './agents.ts';

export interface DemoNode {
  readonly name: string;
  readonly controlPlane: boolean;
  /** Besides those that every node has. */
  readonly labels?: Readonly<Record<string, string>>;
}

export interface Machines {
  readonly kubelets: ReadonlyMap<string, Kubelet>;
  /** The running agent of each node; replaced at every boot. */
  readonly agents: ReadonlyMap<string, RunningAgent>;
}

export interface MachinesOptions {
  readonly nodes: readonly DemoNode[];
  readonly timing: Timing;
  readonly directory: string;
  readonly bundles: string;
  readonly supervisor: Supervisor;
  readonly url: string;
  readonly adminToken: string;
  /** By node. */
  readonly agentTokens: ReadonlyMap<string, string>;
  readonly agentsRun: AgentsRun;
  readonly onTrouble: (error: unknown) => void;
  readonly onRestart?: (what: string, how: string) => void;
}

export async function startMachines(options: MachinesOptions): Promise<Machines> {
  const agents = new Map<string, RunningAgent>();
  const started = await Promise.all(options.nodes.map((node) => startMachine(node, agents, options)));
  return { agents, kubelets: new Map(started.map((kubelet) => [kubelet.name, kubelet])) };
}

async function startMachine(
  node: DemoNode,
  agents: Map<string, RunningAgent>,
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
      startAgent({ ...options, node: name, host, gone: () => boot !== boots }, (agent) => {
        agents.set(name, agent);
      });
    },
  });
  options.supervisor.onEnd(async () => {
    over = true;
    kubelet.stop();
  });
  return kubelet;
}

function labelsOf({ controlPlane, labels }: DemoNode): Readonly<Record<string, string>> {
  return controlPlane
    ? { 'node-role.kubernetes.io/control-plane': '', ...labels }
    : { 'node-role.kubernetes.io/worker': '', 'topology.kubernetes.io/zone': 'a', ...labels };
}
