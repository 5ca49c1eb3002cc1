import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir, setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const home = fileURLToPath(new URL('../control-plane', import.meta.url));
const sources = ['main.go', 'go.mod', 'go.sum'];

export type Built =
  | { readonly ok: true; readonly program: string; readonly ms: number }
  | { readonly ok: false; readonly why: string };

export interface BuildOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly tell: (line: string) => void;
}

/** The Kubernetes program of test/cluster/control-plane, built once for its sources and this Go, and kept outside of the tree. */
export async function buildControlPlane({ env, tell }: BuildOptions): Promise<Built> {
  const go = await run('go', ['version'], { env }).catch(() => undefined);
  if (go === undefined) return { ok: false, why: 'there is no Go on PATH to build a control plane with' };
  const flags = ['-trimpath', '-ldflags', linkerFlags(kubernetesVersion())];
  const program = join(cacheFolder(env), digest([go.stdout, ...flags]), 'control-plane');
  if (existsSync(program)) return { ok: true, program, ms: 0 };
  tell('building the control plane (minutes the first time, seconds with a warm Go cache)');
  const start = performance.now();
  const problem = await compile(program, flags, env);
  const ms = Math.round(performance.now() - start);
  return problem === undefined ? { ok: true, program, ms } : { ok: false, why: problem };
}

/** The one that go.mod asks for. */
function kubernetesVersion(): string {
  const found = /^\s*(?:require )?k8s\.io\/kubernetes (v\S+)/m.exec(
    readFileSync(join(home, 'go.mod'), 'utf8'),
  );
  if (found?.[1] === undefined) throw new Error('control-plane/go.mod requires no k8s.io/kubernetes');
  return found[1];
}

/** Without a version of the server's, kubectl refuses to talk to it. */
function linkerFlags(version: string): string {
  const [major = '', minor = ''] = version.slice(1).split('.');
  const stamp = Object.entries({ gitVersion: version, gitMajor: major, gitMinor: minor });
  const variables = stamp.map(([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`);
  return `-s -w ${variables.join(' ')}`;
}

function digest(parts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const part of [...parts, ...sources.map((name) => readFileSync(join(home, name), 'utf8'))])
    hash.update(`${part.length}:${part}`);
  return hash.digest('hex').slice(0, 16);
}

function cacheFolder(env: NodeJS.ProcessEnv): string {
  const wanted = env['XDG_CACHE_HOME'] ? env['XDG_CACHE_HOME'] : join(homedir(), '.cache');
  const folder = join(wanted, 'tugboot', 'control-plane');
  try {
    mkdirSync(folder, { recursive: true });
    return folder;
  } catch {
    // A home that cannot be written to, as in some containers: the build is then kept for as long as /tmp is.
    return join(tmpdir(), 'tugboot-control-plane');
  }
}

/** Says what went wrong, if anything did. */
async function compile(
  program: string,
  flags: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  // Under a name of its own, so that a build that is cut off is never taken for a finished one.
  const unfinished = `${program}.${process.pid}`;
  mkdirSync(join(program, '..'), { recursive: true });
  const child = spawn('go', ['build', '-buildvcs=false', ...flags, '-o', unfinished, '.'], {
    cwd: home,
    // The Go that is here, and no other that go.mod might make it download.
    env: { ...env, GOTOOLCHAIN: 'local' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  if (child.pid !== undefined) setPriority(child.pid, 10);
  let said = '';
  child.stderr.on('data', (text: Buffer) => (said += text.toString()));
  const code = await new Promise((resolve) => {
    child.once('error', resolve);
    child.once('exit', resolve);
  });
  if (code === 0) {
    renameSync(unfinished, program);
    return undefined;
  }
  rmSync(unfinished, { force: true });
  const last = said.trim().split('\n').slice(-3).join(' | ');
  return `the control plane does not build here: ${last || String(code)}`;
}
