import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { anEvent, anIcs } from '../calendars/an-ics.ts';
import { type Story, workers } from './story-environment.ts';

/** Replaced atomically, as in a mounted ConfigMap. */
function publish(calendar: string, text: string): void {
  writeFileSync(`${calendar}.new`, text);
  renameSync(`${calendar}.new`, calendar);
}

async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'tugboot-calendars-'));
  try {
    await use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const always = { days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], start: '00:00', duration: '7d' };
const everyDay = anEvent('DTSTART;VALUE=DATE:20200101', 'RRULE:FREQ=DAILY');

/** Windows that follow a calendar. */
export function calendarStories(story: Story): void {
  describe('a calendar', () => {
    it('keeps the window closed until it was read, then on its days, and the node starts when it allows it', () =>
      withFolder(async (folder) => {
        const calendar = join(folder, 'holidays.ics');
        const setting = {
          config: { calendars: [{ name: 'holidays', file: calendar }] },
          pools: [
            { ...workers, approval: 'window', notice: '1s', windows: [always], calendars: ['holidays'] },
          ],
        };
        await story(setting, async (environment) => {
          await environment.upgrade('worker-1');
          await environment.card(
            'worker-1',
            /Calendar holidays was not read yet, so no window opens: its file cannot be read \(ENOENT\)\./,
          );
          publish(calendar, anIcs(everyDay));
          await environment.card('worker-1', /No window of pool workers opens within a year\./);
          publish(calendar, anIcs(anEvent('DTSTART;VALUE=DATE:20200101')));
          await environment.card('worker-1', /✓/);
        })();
      }));
  });
}
