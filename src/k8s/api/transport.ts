import { Agent, ProxyAgent, type Dispatcher } from 'undici';
import { second } from '../../reboot/time/time.ts';

export interface TlsOptions {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
}

/**
 * Two connection pools, so that watches, which each occupy a connection for minutes, cannot starve the calls.
 */
export interface ConnectionPools {
  readonly calls: Dispatcher;
  readonly watches: Dispatcher;
}

export interface Transport {
  /**
   * The connection pools for these credentials. Those of earlier credentials are closed when their requests
   * have ended.
   */
  connections(key: string, tls: TlsOptions): ConnectionPools;
  close(): Promise<void>;
}

const most = 32;

// HTTP/1.1 on purpose: over HTTP/2 all watches and calls would share one TCP connection, and stall together.
const base = { allowH2: false, pipelining: 1 };

function dispatcher(tls: TlsOptions, proxy: string | undefined, connections: number | null): Dispatcher {
  const connect = { keepAlive: true, keepAliveInitialDelay: 30 * second, timeout: 5 * second };
  if (proxy !== undefined)
    return new ProxyAgent({ ...base, connections, uri: proxy, requestTls: { ...tls, ...connect } });
  return new Agent({ ...base, connections, connect: { ...tls, ...connect } });
}

/**
 * client-node 2.0.1 creates a dispatcher, and with it a TLS connection, for every request (seen: 400
 * requests, 401 connections). This keeps one pair for as long as the credentials are the same.
 */
export function createTransport(proxy: string | undefined): Transport {
  let current: (ConnectionPools & { readonly key: string }) | undefined;
  const drop = async (old: ConnectionPools): Promise<void> => {
    await Promise.all([old.calls.close(), old.watches.close()]);
  };
  return {
    connections(key, tls) {
      if (current?.key === key) return current;
      const old = current;
      current = { key, calls: dispatcher(tls, proxy, most), watches: dispatcher(tls, proxy, null) };
      if (old) void drop(old);
      return current;
    },
    async close() {
      const old = current;
      current = undefined;
      if (old) await Promise.all([old.calls.destroy(), old.watches.destroy()]);
    },
  };
}
