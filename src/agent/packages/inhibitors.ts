import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { locate, readWord } from '../host/host-files.ts';

/**
 * Where logind keeps its inhibitors, a file each. Its D-Bus answers the same, and would take a client of it.
 */
const place = 'run/systemd/inhibit';

/**
 * Inhibitors that block a shutdown (`mode=block`), in words. rpm's plugin, PackageKit and fwupd take one
 * while they work. Those that only delay it are no reason to wait: the kubelet has one all the time.
 */
export async function readInhibitors(root: string, proc: string): Promise<readonly string[]> {
  const found = await locate(root, place);
  if (found.kind !== 'found') return [];
  const names = (await readdir(found.path)).filter((name) => /^\d+$/.test(name)).slice(0, 100);
  const read = await Promise.all(
    names.map((name) => readWord(join(found.path, name), 4_096).catch(() => '')),
  );
  return read.flatMap((text) => blocking(text, proc) ?? []);
}

function blocking(text: string, proc: string): string | undefined {
  const fields = new Map(
    text.split('\n').flatMap((line): [string, string][] => {
      const [key = '', ...value] = line.split('=');
      return [[key, unescaped(value.join('='))]];
    }),
  );
  const what = fields.get('WHAT')?.split(':') ?? [];
  if (fields.get('MODE') !== 'block' || !what.includes('shutdown')) return undefined;
  const pid = fields.get('PID') ?? '';
  // Left behind by a process that is gone. Without the host's processes nobody can tell.
  if (existsSync(join(proc, '1')) && pid !== '' && !existsSync(join(proc, pid))) return undefined;
  const why = fields.get('WHY') ?? '';
  return `${fields.get('WHO') ?? 'a program'} blocks a shutdown${why === '' ? '' : `: ${why}`}`;
}

/** As cescape of systemd writes it: `\x20`. */
const unescaped = (text: string): string =>
  text.replaceAll(/\\x([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
