import type { CalendarSource } from '../reboot/windows/calendar-states.ts';
import type { Approvers, Policy, PoolPolicy } from '../reboot/policy/policy.ts';
import type { DateRange, MaintenanceWindow, PoolCalendar } from '../reboot/policy/pool-windows.ts';
import type { PoolSignal } from '../reboot/policy/pool-signal.ts';
import { day, type Millis, minute } from '../reboot/time/time.ts';
import { departingOf } from './schema/departing-schema.ts';
import { parseDateRange } from './checks/dates.ts';
import { parseDuration } from '../reboot/time/duration.ts';
import { poolSignal } from './schema/signals-schema.ts';
import { gatesOf, rolloutPolicyOf } from './gates-policy.ts';
import { hooksOf } from './schema/hooks-schema.ts';
import type { ConfigFile, PoolFile } from './schema/schema.ts';

/** The schema has refused invalid durations. */
const millis = (text: string): Millis => parseDuration(text) ?? 0;

const minutes = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));

function approversOf(file: ConfigFile['approvers']): Approvers {
  if (file === undefined) return { kind: 'nobody' };
  if (file === 'channel') return { kind: 'channel' };
  return file.users.length + file.groups.length === 0
    ? { kind: 'nobody' }
    : { kind: 'named', users: file.users, groups: file.groups };
}

/** An end that is not after the start is on the next day. */
function lengthOf({ start, end, duration }: PoolFile['windows'][number]): number {
  if (duration !== undefined) return millis(duration) / minute;
  const dayMinutes = day / minute;
  return (minutes(end ?? start) - minutes(start) + dayMinutes) % dayMinutes || dayMinutes;
}

const dateRanges = (texts: readonly string[]): readonly DateRange[] =>
  texts.map(parseDateRange).flatMap((parsed) => (parsed.ok ? [parsed.range] : []));

/** Empty until the calendars are read; src/calendars adds their events. */
const calendarsOf = (file: ConfigFile, { calendars }: PoolFile): readonly PoolCalendar[] =>
  calendarSources(file)
    .filter(({ name }) => calendars.includes(name))
    .map(({ name, use, timeZone }) => ({ name, use, timeZone }));

/** The sources of all calendars that a pool uses. */
export const calendarSources = (file: ConfigFile): readonly CalendarSource[] =>
  file.calendars
    .filter(({ name }) => file.pools.some(({ calendars }) => calendars.includes(name)))
    .map((calendar) => ({
      name: calendar.name,
      use: calendar.use,
      timeZone: calendar.timeZone ?? file.timeZone,
      from: placeOf(calendar),
      plainHttp: calendar.plainHttp,
      every: millis(calendar.every),
    }));

function placeOf({ file, url, urlFile }: ConfigFile['calendars'][number]): CalendarSource['from'] {
  if (url !== undefined) return { kind: 'url', url };
  return urlFile === undefined ? { kind: 'file', path: file ?? '' } : { kind: 'url-file', path: urlFile };
}

const windowOf = (window: PoolFile['windows'][number], timeZone: string): MaintenanceWindow => ({
  days: window.days ?? [],
  ...(window.nth === undefined ? {} : { nth: window.nth }),
  ...(window.dates === undefined ? {} : { dates: dateRanges(window.dates) }),
  start: minutes(window.start),
  length: lengthOf(window),
  timeZone: window.timeZone ?? timeZone,
});

function maxUnavailableOf(value: PoolFile['maxUnavailable']): PoolPolicy['maxUnavailable'] {
  return typeof value === 'number' ? { count: value } : { percent: Number.parseInt(value, 10) };
}

const signalsOf = ({ signals, maxUptime }: PoolFile): readonly PoolSignal[] => [
  ...signals.map(poolSignal),
  ...(maxUptime === undefined
    ? []
    : [{ kind: 'uptime', name: 'uptime', longest: millis(maxUptime) } as const]),
];

function remindersIn(file: ConfigFile, { remind }: PoolFile): Pick<PoolPolicy, 'remind'> {
  if (remind === undefined) return {};
  const { after, escalate, quiet } = remind;
  return {
    remind: {
      after: millis(after),
      ...(escalate ? { escalate: { after: millis(escalate.after), groups: escalate.groups } } : {}),
      ...(quiet
        ? {
            quiet: {
              from: minutes(quiet.from),
              to: minutes(quiet.to),
              timeZone: quiet.timeZone ?? file.timeZone,
            },
          }
        : {}),
    },
  };
}

function poolOf(file: ConfigFile, pool: PoolFile, channel: string): PoolPolicy {
  const { drain } = pool;
  return {
    name: pool.name,
    selector: pool.selector,
    channel: pool.channel ?? channel,
    signals: signalsOf(pool),
    unknownFor: millis(pool.unknownFor),
    approvers: approversOf(pool.approvers ?? file.approvers),
    ...(pool.approvalsNeeded === undefined ? {} : { approvalsNeeded: pool.approvalsNeeded }),
    approval: pool.approval,
    digestFrom: pool.digestFrom,
    noticePeriod: millis(pool.notice),
    approvalExpires: millis(pool.approvalExpires),
    askAgainAfter: millis(pool.askAgainAfter),
    requesterApproves: pool.requesterApproves,
    ...(pool.changeTicket === undefined ? {} : { changeTicket: pool.changeTicket }),
    ...remindersIn(file, pool),
    reasonFor: pool.reasonFor.map((word) => (word === 'wake' ? 'ask-again' : word)),
    ...(pool.autoApprove === undefined ? {} : { autoApprove: pool.autoApprove }),
    windows: pool.windows.map((window) => windowOf(window, file.timeZone)),
    excludeDates: dateRanges([...file.excludeDates, ...pool.excludeDates]),
    addDates: dateRanges([...file.addDates, ...pool.addDates]),
    calendars: calendarsOf(file, pool),
    approveNowOutsideWindow: pool.approveNowOutsideWindow,
    concurrency: pool.concurrency,
    maxUnavailable: maxUnavailableOf(pool.maxUnavailable),
    ...(pool.topology === undefined ? {} : { topology: pool.topology }),
    ...(pool.rollout === undefined ? {} : { rollout: rolloutPolicyOf(pool.rollout) }),
    minTimeBetween: { pool: millis(pool.minTimeBetween.pool), node: millis(pool.minTimeBetween.node) },
    loopGuard: millis(pool.loopGuard),
    finishInWindow: pool.finishInWindow,
    ...(pool.observeOnly ? { observeOnly: true } : {}),
    startWithoutSlack: pool.startWithoutSlack,
    whenWindowCloses: pool.whenWindowCloses,
    giveUpTurnAfter: millis(pool.giveUpTurnAfter),
    gates: gatesOf(pool.gates),
    hooks: hooksOf(pool.hooks),
    ignoreDaemonSets: pool.ignoreDaemonSets,
    drain: {
      timeout: millis(drain.timeout),
      ...(drain.gracePeriod === undefined ? {} : { gracePeriodSeconds: drain.gracePeriod }),
      ...(drain.podSelector === undefined ? {} : { podSelector: drain.podSelector }),
      deleteEmptyDirData: drain.deleteEmptyDirData,
      podsWithoutController: drain.podsWithoutController,
      skipPodsDeletingLongerThan: millis(drain.skipPodsDeletingLongerThan),
      onTimeout: drain.onTimeout,
      retryAfter: drain.retryAfter.map(millis),
      volumeDetachTimeout: millis(drain.volumeDetachTimeout),
      parallelism: drain.parallelism,
    },
    expectKernel: pool.expectKernel,
    rebootTimeout: millis(pool.rebootTimeout),
    settleTime: millis(pool.settleTime),
    settleTimeout: millis(pool.settleTimeout),
  };
}

/** Converts the file to the domain's policy. `channel` is the default for pools that name none. */
export const policyOf = (file: ConfigFile, channel: string): Policy => ({
  cluster: file.cluster,
  concurrency: file.concurrency,
  pools: file.pools.map((pool) => poolOf(file, pool, channel)),
  departing: departingOf(file.departing),
  history: { keep: file.history.keep, maxAge: millis(file.history.maxAge) },
});
