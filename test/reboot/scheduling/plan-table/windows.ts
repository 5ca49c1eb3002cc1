/** Sunday 2026-11-22, 12:00 UTC is the time of every row that does not say another. */
import type { MaintenanceWindow, PoolCalendar } from '../../../../src/reboot/policy/pool-windows.ts';
import { day, hour, minute } from '../../../../src/reboot/time/time.ts';
import { aWindow, noon } from '../../../fakes/builders.ts';
import { done, idle, rule, waits } from './actors.ts';
import type { Row } from './row.ts';

const sunday = (from: number, length: number): MaintenanceWindow =>
  aWindow({ days: ['sun'], start: from * 60, length: length * 60, timeZone: 'UTC' });
const week = 7 * day;
const tuesday = aWindow({ timeZone: 'UTC' });
const excludedOnTuesday: PoolCalendar = {
  name: 'holidays',
  use: 'exclude',
  timeZone: 'UTC',
  copy: {
    readAt: noon,
    events: {
      days: [{ first: Date.UTC(2026, 10, 24) / day, last: Date.UTC(2026, 10, 24) / day }],
      spans: [],
    },
  },
};
const { copy: _, ...unread } = excludedOnTuesday;
const strict = { approveNowOutsideWindow: false };

export const openings: readonly Row[] = [
  {
    it: 'waits for the window with what was approved for it, and not with what was approved for now',
    pool: { windows: [tuesday] },
    given: [waits('w1', { for: 'window' }), waits('w2', { for: 'now' })],
    starts: 'w2',
    blocked: {
      w1: [
        {
          code: 'outside-window',
          says: 'Its window opens Tue 02:00–05:00, UTC.',
          clears: 'It starts when the window opens.',
          until: 38 * hour,
        },
      ],
    },
  },
  {
    it: 'starts at the moment at which the window opens',
    pool: { windows: [sunday(12, 2)] },
    given: [waits('w1', { for: 'window' })],
    starts: 'w1',
  },
  {
    it: 'does not start a moment before',
    pool: { windows: [sunday(12, 2)] },
    given: [waits('w1', { for: 'window' })],
    at: -1,
    blocked: { w1: [{ code: 'outside-window', until: 0 }] },
  },
  {
    it: 'starts in the last moment of the window, where nothing is known of how long it takes',
    pool: { windows: [sunday(10, 2)] },
    given: [waits('w1', { for: 'window' })],
    at: -1,
    starts: 'w1',
  },
  {
    it: 'does not start when the window has closed, and names the next one with its date when it is far',
    pool: { windows: [sunday(10, 2)] },
    given: [waits('w1', { for: 'window' })],
    blocked: {
      w1: [
        {
          code: 'outside-window',
          says: 'Its window opens Sun 29 Nov 10:00–12:00, UTC.',
          until: week - 2 * hour,
        },
      ],
    },
  },
  {
    it: 'goes on where the next window adjoins',
    pool: { windows: [sunday(10, 2), sunday(12, 1)] },
    given: [waits('w1', { for: 'window' })],
    starts: 'w1',
  },
  {
    it: 'starts nothing outside where the pool allows it to nobody, though "now" was said inside',
    pool: { windows: [tuesday], ...strict },
    given: [waits('w1', { for: 'now' })],
    blocked: { w1: [{ code: 'outside-window', until: 38 * hour }] },
  },
  {
    it: 'starts at any time in a pool without windows, also where "now" is for inside only',
    pool: strict,
    given: [waits('w1', { for: 'now' })],
    starts: 'w1',
  },
  {
    it: 'does not start what was approved for a window when the pool has lost its windows',
    pool: {},
    given: [waits('w1', { for: 'window' })],
    blocked: {
      w1: [
        {
          code: 'outside-window',
          says: 'It was approved for a window, and pool workers has none any more.',
          clears: 'Approve it for now, or give the pool a window.',
        },
      ],
    },
  },
  {
    it: 'says that no window opens within a year',
    pool: { windows: [aWindow({ days: [], dates: [{ kind: 'once', first: 1, last: 1 }] })] },
    given: [waits('w1', { for: 'window' })],
    blocked: {
      w1: [
        {
          code: 'outside-window',
          says: 'No window of pool workers opens within a year.',
          clears: 'Approve it now, or change its windows, dates or calendars.',
        },
      ],
    },
  },
  {
    it: 'says why it is not sooner, where a calendar skips a window',
    pool: { windows: [tuesday], calendars: [excludedOnTuesday] },
    given: [waits('w1', { for: 'window' })],
    blocked: {
      w1: [
        {
          code: 'outside-window',
          says: 'Its window opens Tue 1 Dec 02:00–05:00, UTC. Not sooner: Tue 24 Nov excluded by calendar holidays.',
          until: week + 38 * hour,
        },
      ],
    },
  },
  {
    it: 'starts nothing while nobody knows what a calendar excludes, and "now" where that is allowed',
    pool: {
      windows: [sunday(11, 2)],
      calendars: [{ ...unread, problem: 'its server answers with status 404' }],
    },
    given: [waits('w1', { for: 'window' }), waits('w2', { for: 'now' })],
    starts: 'w2',
    blocked: {
      w1: [
        {
          code: 'calendar-unread',
          says: 'Calendar holidays was not read yet, so no window opens: its server answers with status 404.',
          clears: 'It goes on when the calendar can be read.',
        },
      ],
    },
  },
  {
    it: 'judges a start that a crash came between like any other: the window may have closed since',
    pool: { windows: [tuesday] },
    given: [waits('w1', { for: 'window', turn: true })],
    blocked: { w1: 'outside-window' },
  },
];

/** An hour of the window is left at noon. */
const closing = { windows: [sunday(11, 2)] };
const slow = (took: number, ago = day) => done('w2', { ago, took });

export const finishing: readonly Row[] = [
  {
    it: 'starts what, by the longest of the last reboots, ends when the window closes',
    pool: closing,
    given: [waits('w1', { for: 'window' }), slow(hour), done('w3', { ago: day, took: minute })],
    starts: 'w1',
  },
  {
    it: 'does not start what would outlast it by a moment',
    pool: closing,
    given: [waits('w1', { for: 'window' }), slow(hour + 1), done('w3', { ago: day, took: minute })],
    blocked: {
      w1: [
        {
          code: 'would-not-finish',
          says: 'The window closes before it would be done: the last reboots of pool workers took up to 1 h.',
          clears: 'It starts in the next window, Sun 11:00–13:00, UTC, or when somebody approves it for now.',
          until: week - hour,
        },
      ],
    },
  },
  {
    it: 'has no better advice where no other window follows',
    pool: {
      windows: [
        aWindow({
          days: [],
          dates: [{ kind: 'once', first: Math.floor(noon / day), last: Math.floor(noon / day) }],
          start: 11 * 60,
          length: 120,
          timeZone: 'UTC',
        }),
      ],
    },
    given: [waits('w1', { for: 'window' }), slow(90 * minute)],
    blocked: { w1: [{ code: 'would-not-finish', clears: 'Approve it for now, or widen the window.' }] },
  },
  {
    it: 'starts what fits into no window in the first quarter of one: one slow reboot would stop the pool for good',
    pool: { windows: [aWindow({ days: ['sun'], start: 11 * 60 + 30, length: 120, timeZone: 'UTC' })] },
    given: [waits('w1', { for: 'window' }), slow(2 * hour + 1)],
    starts: 'w1',
  },
  {
    it: 'and not later in it: it would outlast the window by the more',
    pool: { windows: [aWindow({ days: ['sun'], start: 11 * 60 + 29, length: 120, timeZone: 'UTC' })] },
    given: [waits('w1', { for: 'window' }), slow(2 * hour + 1)],
    blocked: {
      w1: [
        {
          code: 'would-not-finish',
          says: 'The last reboots of pool workers took up to 2 h, longer than the window: it starts in the first quarter of one, or not.',
          until: week - 31 * minute,
        },
      ],
    },
  },
  {
    it: 'waits for the next window with what fills the whole of one',
    pool: closing,
    given: [waits('w1', { for: 'window' }), slow(2 * hour)],
    blocked: { w1: 'would-not-finish' },
  },
  {
    it: 'remembers the last ten reboots of the pool, and not those of others',
    pools: { workers: closing, db: {} },
    given: [
      waits('w1', { for: 'window', in: 'workers' }),
      ...Array.from({ length: 10 }, (_, n) => done(`n${n}`, { in: 'workers', ago: hour + n, took: minute })),
      done('n10', { in: 'workers', ago: 2 * hour, took: 2 * hour }),
      done('d1', { in: 'db', ago: hour, took: 2 * hour }),
    ],
    starts: 'w1',
  },
  {
    it: 'counts the tenth still',
    pool: closing,
    given: [
      waits('w1', { for: 'window' }),
      ...Array.from({ length: 9 }, (_, n) => done(`n${n}`, { ago: hour + n, took: minute })),
      done('n10', { ago: 2 * hour, took: 2 * hour }),
    ],
    blocked: { w1: 'would-not-finish' },
  },
  {
    it: 'keeps nothing from its start that was approved for now',
    pool: closing,
    given: [waits('w1', { for: 'now' }), slow(2 * hour)],
    starts: 'w1',
  },
  {
    it: 'keeps it where "now" is for inside only',
    pool: { ...closing, ...strict },
    given: [waits('w1', { for: 'now' }), slow(2 * hour)],
    blocked: { w1: 'would-not-finish' },
  },
  {
    it: 'does not care where the pool does not',
    pool: { ...closing, finishInWindow: false },
    given: [waits('w1', { for: 'window' }), slow(2 * hour)],
    starts: 'w1',
  },
  {
    it: 'is not said besides "outside": what is closed cannot be outlasted',
    pool: closing,
    given: [waits('w1', { for: 'window' }), slow(2 * hour)],
    at: 2 * hour,
    blocked: { w1: 'outside-window' },
  },
  {
    it: 'frees the place for a Reboot that was approved for now',
    pool: { ...closing, concurrency: 1 },
    given: [
      waits('w1', { for: 'window', asked: day }),
      waits('w3', { by: [rule], for: 'window', asked: day }),
      waits('w4'),
      slow(2 * hour),
      idle('w5'),
    ],
    starts: 'w4',
    blocked: { w1: 'would-not-finish', w3: 'would-not-finish rule-withdrawn' },
  },
];
