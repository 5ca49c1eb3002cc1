import type { Approvers, MaintenanceWindow, Policy, PoolPolicy } from '../reboot/policy.ts';
import type { Millis } from '../reboot/time.ts';
import { parseDuration } from './duration.ts';
import type { ConfigFile, PoolFile } from './schema.ts';

/** The schema has refused every text that is none. */
const millis = (text: string): Millis => parseDuration(text) ?? 0;

const minutes = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));

function approversOf(file: ConfigFile['approvers']): Approvers {
  if (file === undefined) return { kind: 'nobody' };
  if (file === 'channel') return { kind: 'channel' };
  return file.users.length + file.groups.length === 0
    ? { kind: 'nobody' }
    : { kind: 'named', users: file.users, groups: file.groups };
}

const windowOf = (window: PoolFile['windows'][number], timeZone: string): MaintenanceWindow => ({
  days: window.days,
  start: minutes(window.start),
  end: minutes(window.end),
  timeZone: window.timeZone ?? timeZone,
});

function maxUnavailableOf(value: PoolFile['maxUnavailable']): PoolPolicy['maxUnavailable'] {
  return typeof value === 'number' ? { count: value } : { percent: Number.parseInt(value, 10) };
}

function poolOf(file: ConfigFile, pool: PoolFile, channel: string): PoolPolicy {
  const { drain } = pool;
  return {
    name: pool.name,
    selector: pool.selector,
    channel: pool.channel ?? channel,
    approvers: approversOf(pool.approvers ?? file.approvers),
    ...(pool.approvalsNeeded === undefined ? {} : { approvalsNeeded: pool.approvalsNeeded }),
    approval: pool.approval,
    notice: millis(pool.notice),
    windows: pool.windows.map((window) => windowOf(window, file.timeZone)),
    approveNowOutsideWindow: pool.approveNowOutsideWindow,
    concurrency: pool.concurrency,
    maxUnavailable: maxUnavailableOf(pool.maxUnavailable),
    drain: {
      timeout: millis(drain.timeout),
      ...(drain.gracePeriod === undefined ? {} : { gracePeriodSeconds: drain.gracePeriod }),
      ...(drain.podSelector === undefined ? {} : { podSelector: drain.podSelector }),
      deleteEmptyDirData: drain.deleteEmptyDirData,
      podsWithoutController: drain.podsWithoutController,
      skipPodsDeletingLongerThan: millis(drain.skipPodsDeletingLongerThan),
      onTimeout: drain.onTimeout,
      parallelism: drain.parallelism,
    },
    rebootTimeout: millis(pool.rebootTimeout),
    settleTime: millis(pool.settleTime),
    settleTimeout: millis(pool.settleTimeout),
  };
}

/** The file as the core wants it. `channel` is used by the pools that name none. */
export const policyOf = (file: ConfigFile, channel: string): Policy => ({
  cluster: file.cluster,
  concurrency: file.concurrency,
  pools: file.pools.map((pool) => poolOf(file, pool, channel)),
  history: { keep: file.history.keep, maxAge: millis(file.history.maxAge) },
});
