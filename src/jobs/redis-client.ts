/** Clients of Redis for each form of its address: one server, a primary behind Sentinels, a Redis Cluster. */
import { Cluster, Redis, type RedisOptions } from 'ioredis';
import { redisAddress } from '../redis-address.ts';
import type { QueueAccess } from './backend.ts';

export type RedisClient = Redis | Cluster;

/**
 * The options of every form of client. In a Redis Cluster they apply to each node, except for the back-off
 * and the handling of commands while no node can be reached.
 */
export type ClientOptions = Pick<
  RedisOptions,
  | 'commandTimeout'
  | 'connectTimeout'
  | 'enableOfflineQueue'
  | 'lazyConnect'
  | 'maxRetriesPerRequest'
  | 'reconnectOnError'
> & { readonly retryStrategy: (attempt: number) => number | null };

/** While no Sentinel answers, in milliseconds. */
const sentinelPauses = { step: 100, most: 1_000 };

export function connectRedis({ url, sentinel }: QueueAccess, options: ClientOptions): RedisClient {
  const address = redisAddress(url);
  if (address === undefined) return new Redis(url, options);
  const { username, password, database } = address;
  const login = {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(address.tls ? { tls: {} } : {}),
  };
  if (address.kind === 'cluster') {
    const { retryStrategy, enableOfflineQueue = true, lazyConnect = false, ...ofNode } = options;
    return new Cluster([...address.hosts], {
      redisOptions: { ...ofNode, ...login },
      clusterRetryStrategy: retryStrategy,
      enableOfflineQueue,
      lazyConnect,
      // A certificate is for the name of a node, and not for the address that the name stands for.
      ...(address.tls ? { dnsLookup: (host, callback) => callback(null, host) } : {}),
    });
  }
  return new Redis({
    ...options,
    ...login,
    db: database,
    name: address.primary,
    sentinels: [...address.hosts],
    // The old primary may keep its connections: the Sentinels' message about a failover closes them.
    failoverDetector: true,
    sentinelRetryStrategy: (attempt) =>
      options.retryStrategy(attempt) === null
        ? null
        : Math.min(attempt * sentinelPauses.step, sentinelPauses.most),
    enableTLSForSentinelMode: address.tls,
    ...(sentinel?.username === undefined ? {} : { sentinelUsername: sentinel.username }),
    ...(sentinel?.password === undefined ? {} : { sentinelPassword: sentinel.password }),
    ...(address.tls ? { sentinelTLS: {} } : {}),
  });
}
