import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { onPath } from '../../../demo/environment/queue-server.ts';

const run = promisify(execFile);

export type Found<Name extends string> =
  | { readonly ok: true; readonly paths: Readonly<Record<Name, string>> }
  | { readonly ok: false; readonly why: string };

/** Programs by the Debian package that brings them: those of PATH, or installed where we may. */
export async function findPrograms<Name extends string>(
  env: NodeJS.ProcessEnv,
  packages: Readonly<Record<Name, string>>,
): Promise<Found<Name>> {
  // What only root uses is in sbin, which not everybody's PATH has.
  const path = `${env['PATH'] ?? ''}:/usr/sbin:/sbin`;
  const names = Object.keys(packages) as Name[];
  const missing = (): readonly Name[] => names.filter((name) => onPath(name, path) === undefined);
  if (missing().length > 0) {
    const why = await install(
      missing().map((name) => packages[name]),
      env,
    );
    if (why !== undefined) return { ok: false, why };
  }
  const [lost] = missing();
  if (lost !== undefined) return { ok: false, why: `${packages[lost]} was installed and brought no ${lost}` };
  const found = names.map((name): [Name, string] => [name, onPath(name, path) ?? name]);
  return { ok: true, paths: Object.fromEntries(found) as Record<Name, string> };
}

/** Says what stands in the way, if anything does. */
async function install(packages: readonly string[], env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const wanted = packages.join(' ');
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get'))
    return `${wanted} is not installed, and only root on Debian could install it`;
  const quiet = { env: { ...env, DEBIAN_FRONTEND: 'noninteractive' } };
  const apt = (...args: string[]): Promise<unknown> => run('apt-get', args, quiet);
  const attempt = (): Promise<unknown> => apt('install', '-y', '--no-install-recommends', ...packages);
  try {
    // A fresh machine may have no list of packages yet.
    await attempt().catch(() => apt('update').then(attempt));
    return undefined;
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : String(error);
    return `${wanted} cannot be installed: ${said.split('\n').at(-1) ?? ''}`;
  }
}
