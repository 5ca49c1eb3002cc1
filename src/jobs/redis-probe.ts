/** Questions to a Redis, for `tugboot doctor`. */
import { PortError } from '../reboot/ports/port-error.ts';
import { type Clock, type Millis, second } from '../reboot/time/time.ts';
import type { QueueAccess } from './backend.ts';
import { connectRedis } from './redis-client.ts';
import { redisTrouble } from './redis-trouble.ts';

export interface RedisProbe {
  info(): Promise<string>;
  /** The duration of one round trip. */
  latency(): Promise<Millis>;
  close(): void;
}

/** Both questions reject with a `PortError` whose sentence names the cause and the remedy. */
export function redisProbe(access: QueueAccess, clock: Clock): RedisProbe {
  const redis = connectRedis(access, {
    lazyConnect: true,
    connectTimeout: 5 * second,
    commandTimeout: 5 * second,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  let lost: unknown;
  redis.on('error', (error: Error) => (lost = error));
  const asked = async <T>(question: () => Promise<T>): Promise<T> => {
    try {
      return await question();
    } catch (cause) {
      // A command that is dropped with its connection does not say why the connection failed.
      throw new PortError('queue-unreachable', redisTrouble(lost ?? cause), { retryable: true, cause });
    }
  };
  return {
    info: () => asked(() => redis.info()),
    latency: () =>
      asked(async () => {
        const before = clock.now();
        await redis.ping();
        return clock.now() - before;
      }),
    close: () => redis.disconnect(),
  };
}
