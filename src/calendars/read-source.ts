import { readFile, stat } from 'node:fs/promises';
import type { CalendarSource } from '../reboot/calendars.ts';
import type { FetchCalendar } from './fetch-calendar.ts';
import { largest, type Mark, type Read } from './read.ts';

export type ReadSource = (
  source: CalendarSource,
  known: Mark | undefined,
  signal: AbortSignal,
) => Promise<Read>;

export const readSource = (fetchCalendar: FetchCalendar): ReadSource =>
  async function read(source, known, signal) {
    const { from, plainHttp } = source;
    if (from.kind === 'url') return fetchCalendar({ url: from.url, plainHttp, known }, signal);
    if (from.kind === 'file') return readText(from.path, known);
    const address = await readText(from.path, undefined);
    if (address.kind !== 'text') return address;
    return fetchCalendar({ url: address.text.trim(), plainHttp, known }, signal);
  };

async function readText(path: string, known: Mark | undefined): Promise<Read> {
  try {
    const { size, mtimeMs, ino } = await stat(path);
    if (size > largest) return { kind: 'problem', problem: 'its file is larger than 1 MB' };
    // A mounted ConfigMap is replaced as a whole: then it is another inode, though size and time may be the same.
    const mark = { size: String(size), changed: String(mtimeMs), inode: String(ino) };
    if (known && Object.entries(mark).every(([key, value]) => known[key] === value)) return { kind: 'same' };
    return { kind: 'text', text: await readFile(path, 'utf8'), mark };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    return { kind: 'problem', problem: `its file cannot be read (${code})` };
  }
}
