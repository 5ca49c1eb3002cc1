/** A machine of the cluster: its power, its kubelet, and the real agent in it. */
import { type JsonObject, listAt, textAt } from '../../../demo/kube/json.ts';
import { inSeconds } from '../../../demo/kube/objects/object.ts';
import { nodeConditions, nodeObject, nodeStatus } from '../../../demo/kubelet/node-object.ts';
import { type RequestListener } from 'node:http';
import type { Dice } from '../time/randomness.ts';
import type { VirtualTime } from '../time/virtual-time.ts';
import type { Audit } from '../wire/kube-wire.ts';
import type { NodePlan } from '../story/schedule.ts';
import type { ChaosCluster } from './chaos-cluster.ts';
import { startAgent, type RunningAgent } from './agent.ts';

export interface MachineDeps {
  readonly plan: NodePlan;
  readonly cluster: ChaosCluster;
  readonly handler: RequestListener;
  readonly time: VirtualTime;
  readonly dice: Dice;
  readonly onRequest: (audit: Audit) => void;
  readonly onAnswer: (audit: Audit, status: number) => void;
  /** The host is told to reboot by its agent. */
  readonly onSignal: (node: string, bootId: string) => void;
  /** Pods run again, or are found to have ended. */
  readonly onPower: (node: string, on: boolean) => void;
}

export interface HostState {
  bootId: string;
  kernel: string;
  newest: string;
  bootedAt: number;
  /** Since when the sentinel is there. */
  sentinelAt: number | undefined;
  packages: readonly string[];
}

export interface Machine {
  readonly plan: NodePlan;
  readonly host: HostState;
  isOn(): boolean;
  /** The agent is told that a file of its host changed. */
  changed(): void;
  reboot(why: 'agent' | 'itself'): void;
  /** Without a word to the API server. */
  losePower(): void;
  restartAgent(): void;
  agentAway(ms: number): void;
  register(): void;
  /** Whatever kept it from coming back is mended. */
  repair(): void;
  forge(status: JsonObject): void;
}

/** The kubelet's lease runs out. */
const nodeGrace = 40_000;

export function createMachine(deps: MachineDeps): Machine {
  const { plan, cluster, time, dice } = deps;
  const { name } = plan;
  const host: HostState = {
    bootId: bootIdOf(dice),
    kernel: '6.8.0-45-generic',
    newest: '6.8.0-45-generic',
    bootedAt: time.now() - 86_400_000,
    sentinelAt: undefined,
    packages: [],
  };
  let power: 'on' | 'booting' | 'dark' = 'booting';
  let agent: RunningAgent | undefined;
  let fault = plan.bootFault;
  const identity = {
    name,
    osImage: 'Ubuntu 24.04.1 LTS',
    labels: {
      pool: plan.pool,
      'topology.kubernetes.io/zone': plan.zone,
      ...(plan.controlPlane ? { 'node-role.kubernetes.io/control-plane': '' } : {}),
    },
    taints: plan.controlPlane ? [{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }] : [],
  };
  const setReady = (status: 'True' | 'False' | 'Unknown'): void =>
    cluster.change('Node', name, (node) => withReady(node, status, time.now()));
  const startOwnAgent = (): void => {
    agent?.kill();
    agent = startAgent({ ...deps, host, onSignal: () => deps.onSignal(name, host.bootId) });
  };
  const register = (): void => {
    const ready = fault !== 'not-ready';
    const state = { bootId: host.bootId, kernel: host.kernel, ready, now: time.now() };
    cluster.actor = 'world';
    if (cluster.get('Node', name) === undefined)
      cluster.server.objects.create('Node', nodeObject(identity, state));
    else cluster.change('Node', name, (node) => withStatus(node, nodeStatus(identity, state)));
  };
  const comeUp = (): void => {
    if (power !== 'booting') return;
    host.bootId = bootIdOf(dice);
    host.bootedAt = time.now();
    if (fault !== 'old-kernel') host.kernel = host.newest;
    host.sentinelAt = fault === 'still-required' ? time.now() : undefined;
    host.packages = fault === 'still-required' ? ['linux-base'] : [];
    if (fault !== 'not-ready') fault = undefined;
    power = 'on';
    register();
    startOwnAgent();
    deps.onPower(name, true);
  };
  const goDown = (lasts: number): void => {
    power = 'booting';
    agent?.kill();
    deps.onPower(name, false);
    if (fault === 'never-back') {
      power = 'dark';
      return;
    }
    time.after(lasts, comeUp);
  };
  const machine: Machine = {
    plan,
    host,
    isOn: () => power === 'on',
    changed: () => agent?.changed(),
    reboot() {
      if (power !== 'on') return;
      setReady('False');
      goDown(plan.boot);
    },
    losePower() {
      if (power !== 'on') return;
      goDown(plan.boot);
      time.after(nodeGrace, () => {
        if (power !== 'on') setReady('Unknown');
      });
    },
    restartAgent: () => (power === 'on' ? startOwnAgent() : undefined),
    agentAway(ms) {
      agent?.kill();
      time.after(ms, () => machine.restartAgent());
    },
    register,
    repair() {
      fault = undefined;
      if (power === 'dark') {
        power = 'booting';
        time.after(10_000, comeUp);
      } else if (power === 'on') register();
    },
    forge: (status) => cluster.change('NodeAgent', name, (object) => ({ ...object, status })),
  };
  power = 'on';
  register();
  startOwnAgent();
  return machine;
}

function bootIdOf(dice: Dice): string {
  const hex = Array.from({ length: 12 }, () => dice.between(0, 15).toString(16)).join('');
  return `00000000-0000-4000-8000-${hex}`;
}

/** Conditions of others stay. */
function withStatus(node: JsonObject, status: JsonObject): JsonObject {
  const own = new Set(listAt(status, 'conditions').map((condition) => textAt(condition, 'type')));
  const others = listAt(node, 'status', 'conditions').filter((one) => !own.has(textAt(one, 'type')));
  return { ...node, status: { ...status, conditions: [...listAt(status, 'conditions'), ...others] } };
}

function withReady(node: JsonObject, status: string, now: number): JsonObject {
  const ready = nodeConditions({ ready: true, now }).find((one) => one['type'] === 'Ready');
  const conditions = listAt(node, 'status', 'conditions').map((one) =>
    textAt(one, 'type') === 'Ready' ? { ...ready, status, lastTransitionTime: inSeconds(now) } : one,
  );
  return { ...node, status: { ...(node['status'] as JsonObject), conditions } };
}
