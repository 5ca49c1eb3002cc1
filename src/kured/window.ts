/** The window of kured's reboot-days, start-time, end-time and time-zone. */
import type { Flags } from './read-flags.ts';

const names = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;

export interface ImportedWindow {
  /** Absent: kured may reboot at any time. */
  readonly window?: { readonly days: readonly string[]; readonly start: string; readonly end: string };
  /** Kured had a window that cannot be read. */
  readonly unread?: true;
  readonly timeZone?: string;
  readonly notes: readonly string[];
}

/** Names of two letters, three letters or more in any case, or 0 (Sunday) to 6. */
function dayOf(text: string): string | undefined {
  const day = text.trim().toLowerCase();
  if (/^[0-6]$/.test(day)) return names[Number(day)];
  return names.find((name) => day.length >= 2 && (day.startsWith(name) || name.startsWith(day)));
}

/** `15:04`, `15:04:05`, `03:04pm`, `15`, `03pm`, `3pm`, as kured reads them. */
function timeOf(text: string): string | undefined {
  const [, hours, minutes = '00', half] =
    /^(\d{1,2})(?::(\d{2}))?(?::\d{2})?(am|pm)?$/.exec(text.trim()) ?? [];
  if (hours === undefined) return undefined;
  const hour = half === undefined ? Number(hours) : (Number(hours) % 12) + (half === 'pm' ? 12 : 0);
  return hour < 24 ? `${String(hour).padStart(2, '0')}:${minutes}` : undefined;
}

/** Kured's end includes its last minute where it is the end of the day. */
const endOf = (time: string): string => (time === '23:59' ? '00:00' : time);

export function windowOf(flags: Flags): ImportedWindow {
  const given = (flag: string): string | undefined => flags.get(flag)?.at(-1);
  const zone = zoneOf(given('time-zone'));
  const [days, start, end] = ['reboot-days', 'start-time', 'end-time'].map(given);
  if (days === undefined && start === undefined && end === undefined) return zone;
  const read = readWindow({ days: days ?? names.join(','), start: start ?? '0:00', end: end ?? '23:59:59' });
  return { ...zone, ...read, notes: [...zone.notes, ...read.notes] };
}

function zoneOf(zone: string | undefined): Pick<ImportedWindow, 'timeZone' | 'notes'> {
  if (zone === undefined || zone === 'UTC') return { notes: [] };
  if (zone !== 'Local') return { timeZone: zone, notes: [] };
  return { notes: ['time-zone: Local was the zone of the nodes; name it in config.timeZone.'] };
}

interface WindowText {
  readonly days: string;
  readonly start: string;
  readonly end: string;
}

function readWindow(text: WindowText): ImportedWindow {
  const listed = text.days.split(',').map((day) => ({ day, name: dayOf(day) }));
  const [start, end] = [timeOf(text.start), timeOf(text.end)];
  const unread = [
    ...listed.flatMap(({ day, name }) => (name === undefined ? [`reboot-days: ${day}`] : [])),
    ...(start === undefined ? [`start-time: ${text.start}`] : []),
    ...(end === undefined ? [`end-time: ${text.end}`] : []),
  ].map((what) => `${what} cannot be read; write the window by hand.`);
  if (start === undefined || end === undefined || unread.length > 0) return { unread: true, notes: unread };
  return {
    window: { days: listed.flatMap(({ name }) => name ?? []), start, end: endOf(end) },
    notes: [
      ...(end < start ? [overnight] : []),
      'end-time: nothing starts after it. A drain that began before it goes on, unless whenWindowCloses is undo.',
    ],
  };
}

const overnight =
  'start-time, end-time: a window belongs to the day it starts on. Kured listed both days of a night; take out those on which none should start.';
