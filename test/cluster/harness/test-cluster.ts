import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKubeClient, type KubeClient } from '../../../src/k8s/api/client.ts';
import { kubeAccess } from '../../../src/k8s/api/kube-access.ts';
import { createTransport } from '../../../src/k8s/api/transport.ts';
import { handOf } from '../../k8s/world/hand.ts';
import { realSleep, systemClock } from '../../k8s/world/api.ts';
import { until } from '../../k8s/world/until.ts';
import { type ControlPlane, startControlPlane } from './control-plane.ts';
import { type Account, kubeconfigText, type ServerAddress } from './credentials.ts';
import type { GivenGround, OwnGround } from './ground.ts';
import { createKubectl, type Kubectl, kubectlOrThrow } from './kubectl.ts';

export interface ServiceAccount {
  readonly namespace: string;
  readonly name: string;
  /** Binds the token to a pod, and so to its node. */
  readonly pod?: { readonly name: string; readonly uid: string };
}

/** A real Kubernetes, with access for preparations. */
export interface TestCluster extends ServerAddress {
  /** Path of the administrator's. */
  readonly kubeconfig: string;
  readonly admin: KubeClient;
  readonly kubectl: Kubectl;
  /** A token of a service account, by TokenRequest, as from the kubelet. */
  tokenOf(account: ServiceAccount): Promise<string>;
  /** Path of a kubeconfig for a service account. */
  kubeconfigOf(account: ServiceAccount): Promise<string>;
  /** The processes of the cluster; undefined for a given cluster. */
  readonly plane: ControlPlane | undefined;
  /** Registers a callback for `close`; the last one runs first. */
  onClose(callback: () => Promise<unknown>): void;
  close(): Promise<void>;
}

export interface ClusterOptions {
  /** In the syntax of the controller manager's --controllers. */
  readonly controllers: readonly string[];
  readonly scheduler: boolean;
  /** For a control plane of our own, as in ControlPlaneOptions. */
  readonly address?: string;
  readonly accounts?: readonly Account[];
}

export async function openTestCluster(
  ground: OwnGround | GivenGround,
  wish: ClusterOptions,
): Promise<TestCluster> {
  if (ground.kind === 'given') return connect({ ground, kubeconfig: ground.kubeconfig, plane: undefined });
  const plane = await startControlPlane({ ground, ...wish });
  try {
    const cluster = await connect({ ground, kubeconfig: plane.kubeconfig('admin'), plane });
    if (wish.controllers.length > 0) await acceptsPods(cluster);
    return cluster;
  } catch (error) {
    await plane.close();
    throw error;
  }
}

interface Connecting {
  readonly ground: OwnGround | GivenGround;
  readonly kubeconfig: string;
  readonly plane: ControlPlane | undefined;
}

async function connect({ ground, kubeconfig, plane }: Connecting): Promise<TestCluster> {
  // A control plane of our own has a folder that is removed even if this process is killed.
  const folder = plane?.directory ?? mkdtempSync(join(tmpdir(), 'tugboot-cluster-'));
  const access = kubeAccess({ kubeconfig }, systemClock);
  const transport = createTransport(access.proxy);
  const admin = createKubeClient({ access, transport, sleep: realSleep, userAgent: 'tugboot-test' });
  const kubectl = createKubectl(ground.kubectl, kubeconfig);
  const address = plane ?? (await addressOf(kubectl));
  const tokenOf = (account: ServiceAccount): Promise<string> => requestToken(admin, account);
  const endings: (() => Promise<unknown>)[] = [];
  let files = 0;
  return {
    url: address.url,
    get ca() {
      return address.ca;
    },
    kubeconfig,
    admin,
    kubectl,
    plane,
    tokenOf,
    async kubeconfigOf(account) {
      const file = join(folder, `${account.name}-${(files += 1)}.kubeconfig`);
      writeFileSync(file, kubeconfigText(address, await tokenOf(account)), { mode: 0o600 });
      return file;
    },
    onClose: (callback) => void endings.push(callback),
    async close() {
      for (const callback of endings.toReversed()) await callback();
      await admin.close();
      await plane?.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function requestToken(admin: KubeClient, { namespace, name, pod }: ServiceAccount): Promise<string> {
  const bound = pod === undefined ? {} : { boundObjectRef: { apiVersion: 'v1', kind: 'Pod', ...pod } };
  const answer = await handOf(admin).ask({
    method: 'POST',
    path: `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`,
    body: {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { expirationSeconds: 3600, ...bound },
    },
  });
  return (answer as { status: { token: string } }).status.token;
}

async function addressOf(kubectl: Kubectl): Promise<ServerAddress> {
  const args = ['config', 'view', '--raw', '--minify', '--flatten', '--output', 'json'];
  const config = JSON.parse(await kubectlOrThrow(kubectl, args)) as {
    clusters: { cluster: { server: string; 'certificate-authority-data'?: string } }[];
  };
  const cluster = config.clusters[0]?.cluster;
  if (cluster === undefined) throw new Error('TUGBOOT_TEST_KUBECONFIG has no current context');
  const ca = Buffer.from(cluster['certificate-authority-data'] ?? '', 'base64').toString();
  return { url: cluster.server, ca };
}

/** A pod needs its namespace's default service account, which a controller creates. */
async function acceptsPods({ admin }: TestCluster): Promise<void> {
  const path = '/api/v1/namespaces/default/serviceaccounts/default';
  await until(
    'namespace default has its service account',
    async () => (await admin.send({ method: 'GET', path })).ok,
    60_000,
  );
}
