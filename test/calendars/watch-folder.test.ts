import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync, renameSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { watchFolder } from '../../src/calendars/watch-folder.ts';

const folder = mkdtempSync(join(tmpdir(), 'tugboot-watch-'));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a folder that is watched', () => {
  it('tells when a mounted ConfigMap is replaced: by a link beside the file', async () => {
    mkdirSync(join(folder, '..1'));
    mkdirSync(join(folder, '..2'));
    writeFileSync(join(folder, '..2', 'holidays.ics'), 'new');
    symlinkSync('..1', join(folder, '..data'));
    const stop = new AbortController();
    let events = 0;
    watchFolder(join(folder, 'holidays.ics'), stop.signal, () => {
      events += 1;
    });
    symlinkSync('..2', join(folder, '..data_tmp'));
    renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
    await vi.waitFor(() => expect(events).toBeGreaterThan(0), { timeout: 60_000, interval: 5 });
    stop.abort();
  });

  it('that is not there is no failure: the file is looked at all the same', () => {
    const missing = join(folder, 'missing', 'holidays.ics');
    expect(() => watchFolder(missing, new AbortController().signal, () => undefined)).not.toThrow();
  });
});
