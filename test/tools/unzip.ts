import { createWriteStream, openSync, readSync, closeSync, fstatSync, createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createInflateRaw } from 'node:zlib';

interface Entry {
  readonly name: string;
  readonly method: number;
  readonly packed: number;
  readonly headerAt: number;
}

const endRecord = 0x06054b50;
const centralHeader = 0x02014b50;
const localHeaderSize = 30;

/**
 * Writes one file of a zip archive to `target`. No tool of the machine is needed (APPNOTE.TXT, sections 4.3.7
 * to 4.3.16).
 */
export async function unzipFile(archive: string, name: string, target: string): Promise<void> {
  const file = openSync(archive, 'r');
  try {
    const entry = readEntries(file).find((candidate) => candidate.name === name);
    if (entry === undefined) throw new Error(`${archive} holds no ${name}`);
    const header = readAt(file, entry.headerAt, localHeaderSize);
    const start = entry.headerAt + localHeaderSize + header.readUInt16LE(26) + header.readUInt16LE(28);
    const packed = createReadStream(archive, { start, end: start + entry.packed - 1 });
    const output = createWriteStream(target, { mode: 0o755 });
    if (entry.method === 0) await pipeline(packed, output);
    else await pipeline(packed, createInflateRaw(), output);
  } finally {
    closeSync(file);
  }
}

function readEntries(file: number): Entry[] {
  const { size } = fstatSync(file);
  const tailSize = Math.min(size, 65_557);
  const tail = readAt(file, size - tailSize, tailSize);
  let end = tail.length - 22;
  while (end >= 0 && tail.readUInt32LE(end) !== endRecord) end -= 1;
  if (end < 0) throw new Error('This is no zip archive');
  const directory = readAt(file, tail.readUInt32LE(end + 16), tail.readUInt32LE(end + 12));
  const entries: Entry[] = [];
  for (let at = 0; at + 46 <= directory.length && directory.readUInt32LE(at) === centralHeader;) {
    const nameEnd = at + 46 + directory.readUInt16LE(at + 28);
    entries.push({
      name: directory.toString('utf8', at + 46, nameEnd),
      method: directory.readUInt16LE(at + 10),
      packed: directory.readUInt32LE(at + 20),
      headerAt: directory.readUInt32LE(at + 42),
    });
    at = nameEnd + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
  }
  return entries;
}

function readAt(file: number, position: number, length: number): Buffer {
  const buffer = Buffer.alloc(length);
  readSync(file, buffer, 0, length, position);
  return buffer;
}
