import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { CalendarSource } from '../reboot/windows/calendar-states.ts';
import type { FetchCalendar } from './fetch-calendar.ts';
import { largest, type Validators, type Read } from './ical/read.ts';

export type ReadSource = (
  source: CalendarSource,
  known: Validators | undefined,
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

async function readText(path: string, known: Validators | undefined): Promise<Read> {
  try {
    // A blocking open of a FIFO waits for a writer.
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      return await readOpen(file, known);
    } finally {
      await file.close();
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    return { kind: 'problem', problem: `its file cannot be read (${code})` };
  }
}

async function readOpen(file: FileHandle, known: Validators | undefined): Promise<Read> {
  const stats = await file.stat();
  if (!stats.isFile()) return { kind: 'problem', problem: 'its file is no regular file' };
  if (stats.size > largest) return { kind: 'problem', problem: 'its file is larger than 1 MB' };
  // An update of a mounted ConfigMap may keep size and time, but it is another inode.
  const validators = { size: String(stats.size), changed: String(stats.mtimeMs), inode: String(stats.ino) };
  if (known && Object.entries(validators).every(([key, value]) => known[key] === value))
    return { kind: 'same' };
  return { kind: 'text', text: await file.readFile('utf8'), validators };
}
