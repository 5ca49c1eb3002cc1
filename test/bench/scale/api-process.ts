// The Kubernetes API of the bench, in a process of its own, with a simulated agent for each node. It answers
// one command after another over IPC.
import { resolve } from 'node:path';
import { type KubeApi, startKubeApi } from '../../../demo/kube/kube-api.ts';
import { usersOf } from '../../../demo/environment/cluster.ts';
import { shippedFile } from '../../../demo/environment/programs.ts';
import { at, listAt, textAt } from '../../../demo/kube/json.ts';
import { byKind, decidedOf, progressOf } from './counting.ts';
import { nameOf } from '../../../demo/kube/objects/object.ts';
import { aBudget, aNode, aPod, aReport, nodeName, workloadsOf } from './cluster-objects.ts';
import { isCommand, type Cordon, type Counts, type Decided, type ScaleCommand } from './protocol.ts';
import { simulateHosts } from './simulated-hosts.ts';

const bundles = resolve('dist');
const botUser = 'system:serviceaccount:tugboot:tugboot';

interface Running {
  readonly api: KubeApi;
  readonly asking: Set<string>;
  readonly indexOf: Map<string, number>;
  readonly cordons: Cordon[];
}

const say = (answer: unknown): void => void process.send?.(answer);

async function start(tokens: { admin: string; bot: string }): Promise<Running> {
  const crds = ['nodeagents', 'reboots'].map((name) =>
    shippedFile(bundles, `charts/tugboot/files/crds/${name}.yaml`),
  );
  const users = usersOf(bundles, { ...tokens, agents: new Map() });
  const running: Running = {
    api: await startKubeApi({ users, crds }),
    asking: new Set(),
    indexOf: new Map(),
    cordons: [],
  };
  const { objects } = running.api;
  for (const name of ['tugboot', ...Array.from({ length: 50 }, (_, index) => `team-${index}`)])
    objects.create('Namespace', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  objects.subscribe('NodeAgent', ({ type, key }) => {
    // After the answer to the bot's own write, as an agent elsewhere would.
    if (type === 'ADDED') setImmediate(() => report(running, key));
  });
  simulateHosts(objects);
  objects.subscribe('Node', ({ key, type, object, previous }) => {
    const on = at(object, 'spec', 'unschedulable') === true;
    if (type === 'MODIFIED' && on !== (at(previous, 'spec', 'unschedulable') === true))
      running.cordons.push({ node: key, on, at: Date.now() });
  });
  return running;
}

function report({ api, asking, indexOf }: Running, node: string): void {
  const status = aReport(indexOf.get(node) ?? 0, asking.has(node), Date.now());
  api.objects.setStatus('NodeAgent', node, JSON.parse(JSON.stringify(status)));
}

function seed({ api: { objects }, indexOf }: Running, nodes: number, pods: number): void {
  const now = Date.now();
  for (let index = 0; index < nodes; index += 1) {
    indexOf.set(nodeName(index), index);
    objects.create('Node', aNode(index, now));
  }
  for (let index = 0; index < pods; index += 1) objects.create('Pod', aPod(index, nodes, now));
  for (let workload = 0; workload < workloadsOf(pods); workload += 1) {
    const budget = aBudget(workload);
    if (budget) objects.create('PodDisruptionBudget', budget);
  }
}

/** Every 100 ms some of them, so that they are all there after `within`. */
async function ask(running: Running, count: number, within: number): Promise<void> {
  const steps = Math.max(1, Math.round(within / 100));
  for (let step = 1; step <= steps; step += 1) {
    const to = Math.round((count * step) / steps);
    for (let index = running.asking.size; index < to; index += 1) {
      running.asking.add(nodeName(index));
      report(running, nodeName(index));
    }
    await new Promise((done) => setTimeout(done, within / steps));
  }
}

const isMirrored = (status: Parameters<typeof listAt>[0]): boolean =>
  listAt(status, 'status', 'conditions').some((condition) => textAt(condition, 'type') === 'RebootRequired');

function counts({ api }: Running, since: number): Counts {
  const nodes = api.objects.list('Node');
  const requests = api.requests().filter(({ at: instant, user }) => instant >= since && user === botUser);
  const reboots = api.objects.list('Reboot');
  return {
    agents: api.objects.list('NodeAgent').length,
    mirrored: nodes.filter(isMirrored).length,
    reboots: reboots.length,
    cards: reboots.filter((reboot) => textAt(reboot, 'status', 'chat', 'card', 'ts') !== '').length,
    requests: byKind(requests),
    lastAt: requests.at(-1)?.at ?? 0,
    now: Date.now(),
  };
}

const decided = ({ api }: Running): Decided => decidedOf(api.objects.list('Reboot').map(progressOf));

async function carryOut(running: Running, command: ScaleCommand): Promise<unknown> {
  switch (command.kind) {
    case 'seed':
      seed(running, command.nodes, command.pods);
      return { nodes: running.api.objects.list('Node').map(nameOf).length };
    case 'ask':
      await ask(running, command.count, command.within);
      return {};
    case 'counts':
      return counts(running, command.since);
    case 'cordons':
      return running.cordons;
    case 'delay':
      running.api.faults.add({ do: { delayMs: command.milliseconds } });
      return {};
    case 'decided':
      return decided(running);
  }
}

const [admin = '', bot = ''] = process.argv.slice(2);
const running = await start({ admin, bot });
process.on('message', (message) => {
  if (!isCommand(message)) return;
  void carryOut(running, message).then(say, (error: unknown) => say({ error: String(error) }));
});
process.on('disconnect', () => process.exit());
say({ url: running.api.url });
