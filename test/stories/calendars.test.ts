import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, it } from 'vitest';
import { anEvent, anIcs } from '../calendars/an-ics.ts';
import { inDemoHouse } from './demo-stage.ts';
import { workers } from './story-house.ts';

const folder = mkdtempSync(join(tmpdir(), 'tugboot-calendars-'));
const calendar = join(folder, 'holidays.ics');
afterEach(() => rmSync(folder, { recursive: true }));

/** As a mounted ConfigMap is: replaced in one piece. */
function publish(text: string): void {
  writeFileSync(`${calendar}.new`, text);
  renameSync(`${calendar}.new`, calendar);
}

const always = { days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], start: '00:00', duration: '7d' };
const everyDay = anEvent('DTSTART;VALUE=DATE:20200101', 'RRULE:FREQ=DAILY');

describe('a calendar', () => {
  it(
    'keeps the window closed until it was read, then on its days, and the node starts when it allows it',
    inDemoHouse(
      {
        config: { calendars: [{ name: 'holidays', file: calendar }] },
        pools: [{ ...workers, approval: 'window', notice: '1s', windows: [always], calendars: ['holidays'] }],
      },
      async (house) => {
        await house.upgrade('worker-1');
        await house.card(
          'worker-1',
          /Calendar holidays was not read yet, so no window opens: its file cannot be read \(ENOENT\)\./,
        );
        publish(anIcs(everyDay));
        await house.card('worker-1', /No window of pool workers opens within a year\./);
        publish(anIcs(anEvent('DTSTART;VALUE=DATE:20200101')));
        await house.card('worker-1', /✓/);
      },
    ),
  );
});
