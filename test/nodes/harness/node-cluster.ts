import { execFile, spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { ControlPlane } from '../../cluster/harness/control-plane.ts';
import { kubectlOrThrow } from '../../cluster/harness/kubectl.ts';
import { openTestCluster, type TestCluster } from '../../cluster/harness/test-cluster.ts';
import { dnsAddress, startDns } from './dns.ts';
import { eventually } from './eventually.ts';
import { type Kernels, type Machine, startMachine } from './machine.ts';
import { type Network, openNetwork } from './network.ts';
import type { ReadyNodeGround } from './node-ground.ts';

const run = promisify(execFile);

export interface NodeOptions {
  readonly name: string;
  readonly controlPlane: boolean;
}

/** A control plane, and machines with real kubelets and real pods as its nodes. */
export interface NodeCluster extends TestCluster {
  readonly plane: ControlPlane;
  readonly network: Network;
  readonly machines: ReadonlyMap<string, Machine>;
  readonly kernels: Kernels;
  /** Throws if a machine has crashed, since no wait would succeed then. */
  failIfDead(): undefined;
  /** Diagnostics after a failure. */
  lastWords(): string;
}

const proxyAccount = { name: 'system:kube-proxy', groups: ['system:authenticated'] };
const patience = 120_000;
const controlPlaneRole = 'node-role.kubernetes.io/control-plane';

export async function openNodeCluster(
  ground: ReadyNodeGround,
  nodes: readonly NodeOptions[],
): Promise<NodeCluster> {
  const network = await openNetwork();
  const cleanUp = startCleanUp(network.bridge);
  let cluster: TestCluster | undefined;
  try {
    cluster = await openTestCluster(ground.plane, {
      controllers: ['*'],
      scheduler: true,
      address: network.gateway,
      accounts: [
        proxyAccount,
        ...nodes.map(({ name }) => ({ name: `system:node:${name}`, groups: ['system:nodes'] })),
      ],
    });
    const assembled = await assemble(ground, nodes, { network, cluster });
    return {
      ...assembled,
      async close() {
        await assembled.close();
        await cleanUp();
      },
    };
  } catch (error) {
    await cluster?.close();
    await cleanUp();
    throw error;
  }
}

interface Site {
  readonly network: Network;
  readonly cluster: TestCluster;
}

async function assemble(
  ground: ReadyNodeGround,
  nodes: readonly NodeOptions[],
  { network, cluster }: Site,
): Promise<NodeCluster> {
  const { plane } = cluster;
  if (plane === undefined) throw new Error('this cluster is not ours');
  const [kernels, containerSpec, dns] = await Promise.all([
    findKernels(),
    run('ctr', ['oci', 'spec']).then(({ stdout }) => JSON.parse(stdout) as Record<string, unknown>),
    startDns(ground.dns, plane, network.gateway),
  ]);
  await apply(cluster, dns.manifests);
  const machines = new Map<string, Machine>();
  cluster.onClose(() => Promise.all([...machines.values()].map((machine) => machine.stop())));
  for (const [index, { name, controlPlane }] of nodes.entries()) {
    const routes = nodes
      .map((_, other) => other)
      .filter((other) => other !== index)
      .map((other) => network.machine(other))
      .map(({ pods, address }) => `${pods}@${address}`);
    const machine = startMachine({
      name,
      kernels,
      containerSpec,
      routes,
      at: network.machine(index),
      bridge: network.bridge,
      gateway: network.gateway,
      dns: dnsAddress,
      taints: controlPlane ? [{ key: controlPlaneRole, effect: 'NoSchedule' }] : [],
      controlGroup: `${network.bridge}/${name}`,
      kubernetes: ground.plane.program,
      images: ground.images,
      folder: join(plane.directory, 'machines', name),
      supervisor: plane.supervisor,
      kubeletAccess: plane.accountKubeconfig(`system:node:${name}`),
      proxyAccess: plane.accountKubeconfig(proxyAccount.name),
    });
    machines.set(name, machine);
  }
  const all = {
    ...cluster,
    plane,
    network,
    machines,
    kernels,
    failIfDead: () => failIfDead(machines),
    lastWords: () => lastWords(machines),
  };
  await allReady(all, nodes);
  return all;
}

/** Adds the role labels of nodes, which a kubelet may not set itself. */
async function allReady(cluster: NodeCluster, nodes: readonly NodeOptions[]): Promise<void> {
  const ready = ['get', 'nodes', '--no-headers'];
  await eventually(
    `nodes ${nodes.map(({ name }) => name).join(', ')} are Ready`,
    async () => {
      cluster.failIfDead();
      const { stdout } = await cluster.kubectl(ready);
      return stdout.split('\n').filter((line) => /\sReady\s/.test(line)).length === nodes.length;
    },
    patience,
  ).catch((error: unknown) => {
    throw new Error(`${String(error)}\n${cluster.lastWords()}`, { cause: error });
  });
  for (const { name, controlPlane } of nodes) {
    const role = controlPlane ? controlPlaneRole : 'node-role.kubernetes.io/worker';
    await kubectlOrThrow(cluster.kubectl, ['label', 'node', name, `${role}=`]);
  }
}

export const apply = (cluster: TestCluster, manifests: readonly unknown[]): Promise<string> =>
  kubectlOrThrow(
    cluster.kubectl,
    ['apply', '--filename', '-'],
    manifests.map((one) => JSON.stringify(one)).join('\n---\n'),
  );

/** Linux shows programs of the personality UNAME26 a different release (personality(2)). */
async function findKernels(): Promise<Kernels> {
  const release = async (program: string, ...args: string[]): Promise<string> =>
    (await run(program, args)).stdout.trim();
  return { old: await release('setarch', '--uname-2.6', 'uname', '-r'), new: await release('uname', '-r') };
}

/** Logged by every kubelet every few seconds, because the disk below its overlay is not its own. */
const noise = /info of the filesystem|Eviction manager/;

function failIfDead(machines: ReadonlyMap<string, Machine>): undefined {
  for (const { name, crash } of machines.values())
    if (crash !== undefined) throw new Error(`machine ${name} is off: ${crash}`);
}

function lastWords(machines: ReadonlyMap<string, Machine>): string {
  return [...machines.values()]
    .flatMap((machine) => [
      ...['kubelet', 'containerd', 'kube-proxy'].map((program) => {
        const file = `var/log/machine/${program}.log`;
        return `--- ${program} of ${machine.name}\n${machine.tail(file, 12, noise)}`;
      }),
      `--- console of ${machine.name}\n${machine.tail('../console.log', 12)}`,
    ])
    .join('\n');
}

/** Removes what the machines leave, on request or when this process ends. */
function startCleanUp(name: string): () => Promise<void> {
  const script = fileURLToPath(new URL('tidy.sh', import.meta.url));
  const child = spawn('/bin/sh', [script, name], { stdio: ['pipe', 'ignore', 'pipe'], detached: true });
  let stderr = '';
  child.stderr.on('data', (text: Buffer) => (stderr += text.toString()));
  const over = new Promise<number | null>((resolve) => child.once('exit', resolve));
  return async () => {
    child.stdin.end();
    if ((await over) !== 0) throw new Error(stderr);
  };
}
