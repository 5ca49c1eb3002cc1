import type { Clock } from '../../reboot/time/time.ts';
import type { Sleep } from '../../timing/sleep.ts';
import { createKubeClient, type KubeClient } from './client.ts';
import { kubeAccess, type KubeConfigSource } from './kube-access.ts';
import { createTransport, type Transport } from './transport.ts';

export interface ConnectOptions extends KubeConfigSource {
  readonly clock: Clock;
  readonly sleep: Sleep;
  /** Tugboot's version, for the user agent. */
  readonly version?: string;
  /** Absent: over the network. */
  readonly openTransport?: (proxy: string | undefined) => Transport;
}

/** Opens no connection yet. Throws a `PortError` when the configuration names no usable cluster. */
export function connectClient(options: ConnectOptions): KubeClient {
  const access = kubeAccess(options, options.clock);
  const transport = (options.openTransport ?? createTransport)(access.proxy);
  const userAgent = `tugboot/${options.version ?? 'unknown'}`;
  return createKubeClient({ access, transport, sleep: options.sleep, userAgent });
}
