import { describe, expect, it } from 'vitest';
import { windowsAnswer } from '../../../src/bot/views/answers/windows-answer.ts';
import type { PoolCalendar } from '../../../src/reboot/policy/pool-windows.ts';
import type { PoolPolicy } from '../../../src/reboot/policy/policy.ts';
import { day, hour, minute } from '../../../src/reboot/time/time.ts';
import { aPolicy, aPool, aWindow, noon } from '../../fakes/builders.ts';
import { serviceHarness } from '../../fakes/service-harness.ts';

const tuesday = Date.UTC(2026, 10, 24);
const holidays: PoolCalendar = {
  name: 'holidays',
  use: 'exclude',
  timeZone: 'UTC',
  copy: {
    readAt: noon - 12 * minute,
    events: {
      days: [{ first: tuesday / day, last: tuesday / day }],
      spans: [{ start: tuesday + 2 * day + 4 * hour, end: tuesday + 3 * day }],
    },
  },
};
const window = aWindow({ days: ['tue', 'thu'], timeZone: 'UTC' });

/** What `/reboot windows` says of one pool, line by line. */
async function said(overrides: Partial<PoolPolicy>): Promise<readonly string[]> {
  const harness = serviceHarness(aPolicy({ pools: [aPool(overrides)] }));
  const answer = await harness.service.windows();
  if (!answer.ok) throw new Error(answer.sentence);
  const texts = windowsAnswer(answer).blocks.flatMap((block) =>
    block.type === 'section' && block.text ? block.text.text.split('\n') : [],
  );
  // Times are for each reader's own clock; what stands there without Slack is after the bar.
  return texts.slice(1).map((line) => line.replaceAll(/<!date[^|]*\|[^>]*>/g, '…'));
}

describe('the answer to /reboot windows', () => {
  it('lists what opens next, what is excluded by what, and how old each calendar is', async () => {
    expect((await said({ windows: [window], calendars: [holidays] })).slice(0, 5)).toEqual([
      '*workers* Tue, Thu 02:00–05:00 UTC · people approve',
      '• Tue 24 Nov excluded by calendar holidays',
      '• … (Thu 26 Nov 02:00–04:00, UTC, shorter by calendar holidays)',
      '• … (Tue 1 Dec 02:00–05:00, UTC)',
      '• … (Thu 3 Dec 02:00–05:00, UTC)',
    ]);
    expect((await said({ windows: [window], calendars: [holidays] })).at(-1)).toBe(
      '• Calendar holidays was read 12 min ago.',
    );
  });

  it('says why nothing opens', async () => {
    const { copy: _, ...unread } = holidays;
    const problem = 'its server answers with status 404';
    expect(await said({ windows: [window], calendars: [{ ...unread, problem }] })).toEqual([
      '*workers* Tue, Thu 02:00–05:00 UTC · people approve',
      `• Calendar holidays was not read yet, so no window opens: ${problem}.`,
    ]);
    expect(
      await said({ windows: [window], excludeDates: [{ kind: 'yearly', first: 101, last: 1231 }] }),
    ).toContain('• No window of pool workers opens within a year.');
  });

  it('says how old a copy is that cannot be renewed', async () => {
    const lines = await said({
      windows: [window],
      calendars: [{ ...holidays, problem: 'it is larger than 1 MB' }],
    });
    expect(lines.at(-1)).toBe('• Calendar holidays was last read 12 min ago: it is larger than 1 MB.');
  });

  it('names a calendar that opens, and says of a pool without windows that it starts at any time', async () => {
    const releases: PoolCalendar = { ...holidays, name: 'releases', use: 'open' };
    expect((await said({ calendars: [releases] }))[0]).toBe('*workers* calendar releases · people approve');
    expect(await said({})).toEqual(['*workers* at any time · people approve']);
  });
});
