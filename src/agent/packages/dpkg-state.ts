import { open, readdir } from 'node:fs/promises';
import { constants } from 'node:fs';
import { dpkgStatus } from './host-packages.ts';
import { locate } from '../host/host-files.ts';

/**
 * dpkg's journal of changes not yet merged into its status file; empty unless dpkg is running or was
 * interrupted.
 */
const journal = 'var/lib/dpkg/updates';
const chunkSize = 64 * 1024;
const mostBytes = 128 * 1024 * 1024;
/** Longer than any line that `lines` can match. */
const overlap = 512;
/** States between unpacked and installed (dpkg(1)): a kernel in one of them may have no initrd. */
const lines = /^(?:Package: (\S+)|Status: \S+ \S+ (half-installed|half-configured|unpacked))$/gm;

export interface DpkgState {
  /** Unfinished work of dpkg, in words; undefined if there is none. */
  unfinished(root: string): Promise<string | undefined>;
}

/** Caches the result until the status file changes. */
export function createDpkgState(): DpkgState {
  let cached: { readonly print: string; readonly found: string | undefined } | undefined;
  return {
    async unfinished(root) {
      const status = await locate(root, dpkgStatus);
      if (status.kind !== 'found') return undefined;
      const { ino, size, mtimeMs } = status.stats;
      const print = [ino, size, mtimeMs].join(' ');
      if (cached?.print !== print) cached = { print, found: await findUnconfigured(status.path) };
      return cached.found ?? (await findInterrupted(root));
    },
  };
}

async function findInterrupted(root: string): Promise<string | undefined> {
  const place = await locate(root, journal);
  if (place.kind !== 'found') return undefined;
  const entries = await readdir(place.path).catch(() => []);
  return entries.some((name) => /^\d+$/.test(name)) ? 'dpkg was interrupted' : undefined;
}

async function findUnconfigured(path: string): Promise<string | undefined> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const scan = createScan();
  try {
    const buffer = Buffer.allocUnsafe(chunkSize);
    for (let total = 0; total < mostBytes;) {
      const { bytesRead } = await file.read(buffer, 0, buffer.length, total);
      total += bytesRead;
      const found = scan(buffer.toString('latin1', 0, bytesRead));
      if (found !== undefined || bytesRead === 0) return found;
    }
    return undefined;
  } finally {
    await file.close();
  }
}

/** Takes the file chunk by chunk; an empty chunk is its end. */
function createScan(): (piece: string) => string | undefined {
  let rest = '';
  let name = '';
  return (piece) => {
    const text = rest + piece;
    const end = piece === '' ? text.length : text.lastIndexOf('\n');
    for (const [, found, state] of text.slice(0, Math.max(0, end)).matchAll(lines)) {
      if (state !== undefined) return `package ${name} is ${state}`;
      name = found ?? name;
    }
    rest = end < 0 ? text.slice(-overlap) : text.slice(end + 1).slice(0, chunkSize);
    return undefined;
  };
}
