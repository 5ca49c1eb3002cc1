import { describe, expect, it } from 'vitest';
import { expandInWorker } from '../../src/calendars/ical/expand-in-worker.ts';
import { anEvent, anIcs } from './an-ics.ts';

const year = { from: Date.UTC(2026, 0, 1), to: Date.UTC(2027, 0, 1), timeZone: 'UTC' };
const never = new AbortController().signal;

describe('a calendar in a thread of its own', () => {
  it('is expanded as it would be here', async () => {
    const text = anIcs(anEvent('DTSTART;VALUE=DATE:20261224'));
    const first = Date.UTC(2026, 11, 24) / 86_400_000;
    expect(await expandInWorker(120_000)({ ...year, text }, never)).toEqual({
      ok: true,
      events: { days: [{ first, last: first }], spans: [] },
      leftOut: [],
    });
  });

  const zoneOfSeconds = [
    'BEGIN:VTIMEZONE',
    'TZID:Mine',
    'BEGIN:STANDARD',
    'DTSTART:19700101T000000',
    'RRULE:FREQ=SECONDLY',
    'TZOFFSETFROM:+0000',
    'TZOFFSETTO:+0100',
    'END:STANDARD',
    'END:VTIMEZONE',
  ];
  it.each([
    [
      'every second since 1970',
      [anEvent('DTSTART:19700101T100000Z', 'DURATION:PT1S', 'RRULE:FREQ=SECONDLY')],
    ],
    [
      'a zone that changes every second',
      [...zoneOfSeconds, anEvent('DTSTART;TZID=Mine:20260601T100000', 'DURATION:PT1H')],
    ],
  ])('is given up when it takes too long: %s', async (_, lines) => {
    const answer = await expandInWorker(300)({ ...year, text: anIcs(...lines) }, never);
    expect(answer.ok).toBe(false);
    if (!answer.ok) expect(answer.problem).toMatch(/^it takes too (long|much memory) to work out$/);
  });

  it('is not charged for the start of its thread, which takes longer than this limit', async () => {
    const text = anIcs(anEvent('DTSTART;VALUE=DATE:20261224'));
    for (let times = 0; times < 3; times += 1)
      expect(await expandInWorker(60)({ ...year, text }, never)).toMatchObject({ ok: true });
  });

  it('ends with who asked for it', async () => {
    const stop = new AbortController();
    const text = anIcs(anEvent('DTSTART:19700101T100000Z', 'DURATION:PT1S', 'RRULE:FREQ=SECONDLY'));
    const answer = expandInWorker(120_000)({ ...year, text }, stop.signal);
    stop.abort();
    expect((await answer).ok).toBe(false);
  });
});
