import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { locate, readWord } from '../host/host-files.ts';

/**
 * logind keeps one file per inhibitor here. Its D-Bus API returns the same, but would need a D-Bus client.
 */
const place = 'run/systemd/inhibit';

/**
 * Inhibitors that block a shutdown (`mode=block`), in words. rpm's plugin, PackageKit and fwupd take one
 * while they work. Those that only delay it are ignored: the kubelet always holds one.
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
  // Left behind by a process that has ended. Without access to the host's processes this cannot be checked,
  // and the inhibitor counts.
  if (existsSync(join(proc, '1')) && pid !== '' && !existsSync(join(proc, pid))) return undefined;
  const why = fields.get('WHY') ?? '';
  return `${fields.get('WHO') ?? 'a program'} blocks a shutdown${why === '' ? '' : `: ${why}`}`;
}

/** Decodes systemd's cescape: `\x20`. */
const unescaped = (text: string): string =>
  text.replaceAll(/\\x([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
