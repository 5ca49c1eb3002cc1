import { type KubeClient, patchTypes } from '../world/kube-client.ts';
import { type Timers } from '../world/timers.ts';

export interface LeaseOptions {
  readonly client: KubeClient;
  readonly node: string;
  readonly every: number;
  readonly timers: Timers;
  readonly signal: AbortSignal;
}

const collection = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases';

/** Renews the node's lease until the machine ends: the control plane's liveness signal. */
export async function keepLease({ every, timers, signal, ...lease }: LeaseOptions): Promise<void> {
  while (!signal.aborted) {
    await timers.sleep(every, signal).catch(() => undefined);
    if (!signal.aborted) await renewLease({ ...lease, timers });
  }
}

/** A failed renewal is not retried: the next one comes well within the control plane's grace period. */
export async function renewLease({
  client,
  node,
  timers,
}: Pick<LeaseOptions, 'client' | 'node' | 'timers'>): Promise<void> {
  const spec = { holderIdentity: node, leaseDurationSeconds: 40, renewTime: microTime(timers.now()) };
  const renewed = await client
    .send('PATCH', `${collection}/${node}`, { spec }, patchTypes.merge)
    .catch(() => undefined);
  if (renewed?.status !== 404) return;
  const body = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: node }, spec };
  await client.send('POST', collection, body).catch(() => undefined);
}

const microTime = (instant: number): string => new Date(instant).toISOString().replace('Z', '000Z');
