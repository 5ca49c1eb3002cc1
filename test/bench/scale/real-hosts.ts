// Hosts that report, ask and obey an order, and kubelets that end pods, on a real API server.
import { nodeConditions } from '../../../demo/kubelet/node-object.ts';
import { bodyOrThrow, type KubeClient } from '../../../src/k8s/api/client.ts';
import { listAt, textAt } from '../../../src/k8s/api/json-value.ts';
import { paths } from '../../../src/k8s/api/paths.ts';
import type { Reflector, ReflectorOptions } from '../../../src/k8s/watch/reflector.ts';
import { realSleep } from '../../k8s/world/api.ts';
import { aReport, aReportAfter, indexOf, newKernel, nodeName } from './cluster-objects.ts';
import { bootTimeOf, rebooted, stopTime } from './host-times.ts';

export interface RealHosts {
  readonly listed: Promise<unknown>;
  agents(): number;
  ask(count: number, within: number): Promise<void>;
}

interface Agent {
  readonly endBoot: string;
  readonly bootId: string;
}

interface EndingPod {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

export function simulateRealHosts(
  admin: KubeClient,
  follow: <V>(options: ReflectorOptions<V>) => Reflector<V>,
): RealHosts {
  const asking = new Set<string>();
  const begun = new Set<string>();
  const once = (key: string, work: () => Promise<void>): void => {
    if (begun.has(key)) return;
    begun.add(key);
    work().catch((error: unknown) => process.stderr.write(`a simulated host: ${String(error)}\n`));
  };
  const status = async (path: string, body: object): Promise<void> => {
    const answer = await admin.send({
      method: 'PATCH',
      path: `${path}/status`,
      patch: 'json',
      body: [{ op: 'add', path: '/status', value: body }],
    });
    bodyOrThrow(answer, path);
  };
  const report = (node: string): Promise<void> =>
    status(paths.agent(node), aReport(indexOf(node), asking.has(node), Date.now()));
  const agents: Reflector<Agent> = follow<Agent>({
    what: 'agents',
    path: paths.agents,
    keyOf: (agent) => textAt(agent, 'metadata', 'name') ?? '',
    reduce: (agent) => ({
      endBoot: textAt(agent, 'spec', 'endBoot') ?? '',
      bootId: textAt(agent, 'status', 'bootId') ?? '',
    }),
    onChange(node) {
      const agent = agents.get(node);
      if (agent === undefined) return;
      once(`report ${node}`, () => report(node));
      if (agent.endBoot !== '' && agent.endBoot === agent.bootId)
        once(`${node} ${agent.endBoot}`, () => obey(node, agent.endBoot));
    },
  });
  const obey = async (node: string, boot: string): Promise<void> => {
    const order = { endBoot: boot, state: 'obeying', at: new Date().toISOString() };
    await status(paths.agent(node), { ...aReport(indexOf(node), true, Date.now()), bootId: boot, order });
    await realSleep(bootTimeOf(node));
    const [bootId, now] = [rebooted(boot), Date.now()];
    const object = bodyOrThrow(await admin.send({ method: 'GET', path: paths.node(node) }), node);
    const own = nodeConditions({ ready: true, now });
    const types = new Set(own.map((condition) => condition['type']));
    const others = listAt(object, 'status', 'conditions').filter((each) => !types.has(textAt(each, 'type')));
    const body = {
      status: { nodeInfo: { bootID: bootId, kernelVersion: newKernel }, conditions: [...others, ...own] },
    };
    bodyOrThrow(
      await admin.send({ method: 'PATCH', path: paths.nodeStatus(node), patch: 'merge', body }),
      node,
    );
    await status(paths.agent(node), aReportAfter(bootId, now));
  };
  const pods = follow<EndingPod>({
    what: 'pods',
    path: paths.pods,
    keyOf: (pod) => textAt(pod, 'metadata', 'uid') ?? '',
    reduce: (pod) =>
      textAt(pod, 'metadata', 'deletionTimestamp') === undefined
        ? undefined
        : {
            namespace: textAt(pod, 'metadata', 'namespace') ?? '',
            name: textAt(pod, 'metadata', 'name') ?? '',
            uid: textAt(pod, 'metadata', 'uid') ?? '',
          },
    onChange(uid) {
      const pod = pods.get(uid);
      if (pod !== undefined) once(`end ${uid}`, () => end(admin, pod));
    },
  });
  return {
    listed: Promise.all([agents.listed, pods.listed]),
    agents: () => [...agents.values()].filter(({ bootId }) => bootId !== '').length,
    /** Every 100 ms some of them, so that they have all asked after `within`. */
    async ask(count, within) {
      const steps = Math.max(1, Math.round(within / 100));
      for (let step = 1; step <= steps; step += 1) {
        const to = Math.round((count * step) / steps);
        const reports: Promise<void>[] = [];
        for (let index = asking.size; index < to; index += 1) {
          asking.add(nodeName(index));
          reports.push(report(nodeName(index)));
        }
        await Promise.all([...reports, realSleep(within / steps)]);
      }
    },
  };
}

async function end(admin: KubeClient, { namespace, name, uid }: EndingPod): Promise<void> {
  await realSleep(stopTime);
  const body = { preconditions: { uid }, gracePeriodSeconds: 0 };
  const answer = await admin.send({ method: 'DELETE', path: paths.pod(namespace, name), body });
  if (!answer.ok && answer.status.code !== 404) throw new Error(answer.status.message);
}
