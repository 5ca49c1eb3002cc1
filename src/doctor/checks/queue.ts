/** Redis: reachable, the primary, and set up so that it keeps jobs. */
import type { RedisProbe } from '../../jobs/redis-probe.ts';
import { type Millis, second } from '../../reboot/time/time.ts';
import { type Check, error, type Finding, ok, warning } from '../finding.ts';

/** BullMQ needs streams and `LMOVE` (docs.bullmq.io, "Connections"). */
const oldest = { major: 6, minor: 2 };

/** A click is answered within three seconds, after several round trips. */
const slow: Millis = second / 10;

export const queueChecks = (redis: Pick<RedisProbe, 'info' | 'latency'>): readonly Check[] => [
  { name: 'queue', run: () => checkRedis(redis) },
];

async function checkRedis(redis: Pick<RedisProbe, 'info' | 'latency'>): Promise<readonly Finding[]> {
  const info = await redis.info();
  const of = (field: string): string | undefined => new RegExp(`^${field}:(\\S+)`, 'm').exec(info)?.[1];
  const version = of('redis_version') ?? 'unknown';
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isOld = major < oldest.major || (major === oldest.major && minor < oldest.minor);
  const policy = of('maxmemory_policy') ?? 'noeviction';
  const latency = await redis.latency();
  const findings: readonly (Finding | undefined)[] = [
    isOld
      ? error(
          `Redis ${version} is too old for the queues.`,
          `Use Redis ${oldest.major}.${oldest.minor} or newer.`,
        )
      : ok(`Redis ${version} answers.`),
    /^(slave|replica)$/.test(of('role') ?? '')
      ? error('This Redis is a replica and takes no writes.', 'Point REDIS_URL at the primary.')
      : undefined,
    ...diskFindings(of),
    policy === 'noeviction'
      ? undefined
      : warning(
          `Redis has maxmemory-policy ${policy}, which throws jobs away.`,
          'Set it to noeviction: nothing is lost without it, but work is late.',
        ),
    latency > slow
      ? warning(
          `One round trip to Redis takes ${Math.round(latency)} ms.`,
          'Put Redis near the bot: a click takes several round trips.',
        )
      : undefined,
  ];
  return findings.filter((finding) => finding !== undefined);
}

/** A Redis that cannot save refuses writes, by default. */
const diskFindings = (of: (field: string) => string | undefined): readonly (Finding | undefined)[] => [
  of('rdb_last_bgsave_status') === 'err' || of('aof_last_write_status') === 'err'
    ? error(
        'Redis could not write to its disk, and then refuses to take jobs.',
        'Make room on its volume, and look at its log.',
      )
    : undefined,
  of('loading') === '1'
    ? warning('Redis is still loading its data.', 'Run tugboot doctor again when it is done.')
    : undefined,
];
