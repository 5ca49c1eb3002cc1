/**
 * What the machines of a modelled rollout do by themselves: ask for a reboot, lose their pods, go down, come
 * back, get ready.
 */
import type { DrainEvent, DrainRequest } from '../../src/reboot/ports/cluster/drains.ts';
import { type Instant, type Millis, second, toTimestamp } from '../../src/reboot/time/time.ts';
import { aReport } from '../fakes/builders.ts';
import type { FakeCluster } from '../fakes/cluster/fake-cluster.ts';
import { type ModelNode, viewOf } from './rollout-nodes.ts';
import { sleptThrough } from '../../src/timing/sleep.ts';
import type { FakeClock } from '../fakes/fake-clock.ts';

const kernel = { before: '6.8.0-45-generic', after: '6.8.0-49-generic' };
/** From the order until the kubelet is gone. */
const shutdown = 5 * second;
/** How often a drain that waits for budgets reports progress. */
const told = 30 * second;

export interface Machines {
  readonly asks: (name: string) => void;
  /** Its agent has seen the order; a second one for the same boot changes nothing. */
  readonly ordered: (name: string) => void;
  /** Whether DaemonSet pods of the node are not ready yet. */
  readonly lacksPods: (name: string) => boolean;
  readonly drain: (request: DrainRequest, signal: AbortSignal) => AsyncGenerator<DrainEvent>;
}

export interface MachinesDeps {
  readonly time: FakeClock;
  readonly cluster: FakeCluster;
  readonly nodes: readonly ModelNode[];
  /** Called after a change of the node that no request caused. */
  readonly happened: (name: string) => void;
  /** When the rollout began: budgets hold from then on. */
  readonly began: () => Instant;
}

export function modelMachines({ time, cluster, nodes, happened, began }: MachinesDeps): Machines {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const readyAt = new Map<string, Instant>();
  const obeying = new Set<string>();
  const of = (name: string): ModelNode => {
    const node = byName.get(name);
    if (!node) throw new Error(`the model has no ${name}`);
    return node;
  };
  for (const node of nodes)
    cluster.addNode(viewOf(node), { report: aReport({ required: 'no', packages: [] }) });

  const comesBack = (name: string): void => {
    const { after } = kernel;
    const next = { running: after, newest: after };
    Object.assign(cluster.node(name), { bootId: 'boot-2', ready: true, kernel: after });
    cluster.agentOf(name).report = aReport({
      required: 'no',
      packages: [],
      bootId: 'boot-2',
      kernel: next,
    });
    readyAt.set(name, time.now() + of(name).ready);
    happened(name);
  };
  return {
    asks(name) {
      const since = { requiredSince: toTimestamp(time.now()) };
      const wanted = { running: kernel.before, newest: kernel.after };
      cluster.agentOf(name).report = aReport({ ...since, kernel: wanted });
      happened(name);
    },
    ordered(name) {
      if (obeying.has(name)) return;
      obeying.add(name);
      time.at(time.now() + shutdown, () => {
        cluster.node(name).ready = false;
        happened(name);
      });
      time.at(time.now() + of(name).boot, () => comesBack(name));
    },
    lacksPods: (name) => time.now() < (readyAt.get(name) ?? 0),
    drain: (request, signal) =>
      drainOf(request, {
        time,
        signal,
        needs: of(request.target.node).drain,
        heldUntil: began() + of(request.target.node).stuck,
      }),
  };
}

async function* drainOf(
  { deadline }: DrainRequest,
  {
    time,
    signal,
    needs,
    heldUntil,
  }: { time: FakeClock; signal: AbortSignal; needs: Millis; heldUntil: Instant },
): AsyncGenerator<DrainEvent> {
  while (time.now() < heldUntil) {
    if (time.now() >= deadline) {
      yield { kind: 'failed', code: 'drain-timeout', sentence: 'The budget did not let go.' };
      return;
    }
    const waiting = [{ budget: 'db/pg', needed: 2, healthy: 2, allowed: 0, pod: 'db/pg-0' }];
    const at = toTimestamp(time.now());
    yield { kind: 'progress', progress: { at, total: 10, gone: 9, leaving: [], waiting, trouble: [] } };
    const wait = Math.min(told, heldUntil - time.now(), deadline - time.now());
    if (!(await sleptThrough(time.sleep, wait, signal))) return;
  }
  if (await sleptThrough(time.sleep, needs, signal)) yield { kind: 'drained', pods: 10 };
}
