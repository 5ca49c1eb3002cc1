import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { onPath } from '../../../demo/environment/queue-server.ts';

const run = promisify(execFile);

export type FoundEtcd =
  | { readonly ok: true; readonly program: string }
  | { readonly ok: false; readonly why: string };

/** The etcd of PATH, or Debian's, installed if permitted. */
export async function findEtcd(env: NodeJS.ProcessEnv): Promise<FoundEtcd> {
  const path = env['PATH'] ?? '';
  const found = onPath('etcd', path);
  if (found !== undefined) return { ok: true, program: found };
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get'))
    return { ok: false, why: 'there is no etcd on PATH, and only root on Debian could install etcd-server' };
  const quiet = { env: { ...env, DEBIAN_FRONTEND: 'noninteractive' } };
  const install = (): Promise<unknown> =>
    run('apt-get', ['install', '-y', '--no-install-recommends', 'etcd-server'], quiet);
  try {
    // A fresh machine may have no package lists yet.
    await install().catch(() => run('apt-get', ['update'], quiet).then(install));
  } catch (error) {
    const stderr = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : String(error);
    return { ok: false, why: `etcd-server cannot be installed: ${stderr.split('\n').at(-1) ?? ''}` };
  }
  const program = onPath('etcd', path);
  return program === undefined
    ? { ok: false, why: 'etcd-server was installed and brought no etcd' }
    : { ok: true, program };
}
