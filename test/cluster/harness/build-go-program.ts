import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir, setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { onPath } from '../../../demo/environment/queue-server.ts';

const run = promisify(execFile);
const sources = ['main.go', 'go.mod', 'go.sum'];

export type Built =
  | { readonly ok: true; readonly program: string; readonly ms: number }
  | { readonly ok: false; readonly why: string };

export interface BuildOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly tell: (line: string) => void;
}

/** A Go module of this repository with one program. */
export interface GoModule {
  readonly name: string;
  /** The folder of its main.go, go.mod and, if it has dependencies, go.sum. */
  readonly home: string;
  /** Additional flags of `go build`. */
  readonly flags: readonly string[];
  readonly expect: string;
  /** Without the C library, so that it runs in an empty image. */
  readonly static?: boolean;
}

/**
 * Built once for its sources and this Go version, and cached outside of the tree. Without Go the reason is
 * returned; a failed build is an error, and no reason to skip a test.
 */
export async function buildGoProgram(module: GoModule, { env, tell }: BuildOptions): Promise<Built> {
  if (onPath('go', env['PATH'] ?? '') === undefined)
    return { ok: false, why: `there is no Go on PATH to build ${module.name} with` };
  const go = await run('go', ['version'], { env });
  const wanted = /^go (\d+\.\d+)/m.exec(readFileSync(join(module.home, 'go.mod'), 'utf8'))?.[1] ?? '';
  const here = /go(\d+\.\d+)/.exec(go.stdout)?.[1] ?? '';
  if (here.localeCompare(wanted, 'en', { numeric: true }) < 0)
    return { ok: false, why: `Go ${here} is too old to build ${module.name}: it wants ${wanted}` };
  const flags = ['-trimpath', ...module.flags];
  const parts = [go.stdout, ...flags, ...(module.static ? ['static'] : [])];
  const program = join(cacheFolder(module.name, env), digest(module.home, parts), module.name);
  if (existsSync(program)) return { ok: true, program, ms: 0 };
  tell(`building ${module.name} (${module.expect})`);
  const start = performance.now();
  // The installed Go, without a download of another toolchain that go.mod names.
  const goEnv = { ...env, GOTOOLCHAIN: 'local', ...(module.static ? { CGO_ENABLED: '0' } : {}) };
  await compile(module, program, flags, goEnv);
  return { ok: true, program, ms: Math.round(performance.now() - start) };
}

function digest(home: string, parts: readonly string[]): string {
  const hash = createHash('sha256');
  const files = sources.map((name) => join(home, name)).filter((file) => existsSync(file));
  for (const part of [...parts, ...files.map((file) => readFileSync(file, 'utf8'))])
    hash.update(`${part.length}:${part}`);
  return hash.digest('hex').slice(0, 16);
}

/** The cache of slow builds, kept between runs. */
function cacheFolder(name: string, env: NodeJS.ProcessEnv): string {
  const wanted = env['XDG_CACHE_HOME'] ? env['XDG_CACHE_HOME'] : join(homedir(), '.cache');
  const folder = join(wanted, 'tugboot', name);
  try {
    mkdirSync(folder, { recursive: true });
    return folder;
  } catch {
    // A home that is not writable, as in some containers: cached in /tmp instead.
    return join(tmpdir(), `tugboot-${name}`);
  }
}

async function compile(
  { name, home }: GoModule,
  program: string,
  flags: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<void> {
  // Under a temporary name, so that an interrupted build is never taken for a complete one.
  const unfinished = `${program}.${process.pid}`;
  mkdirSync(join(program, '..'), { recursive: true });
  const child = spawn('go', ['build', '-buildvcs=false', ...flags, '-o', unfinished, '.'], {
    cwd: home,
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  if (child.pid !== undefined) setPriority(child.pid, 10);
  let stderr = '';
  child.stderr.on('data', (text: Buffer) => (stderr += text.toString()));
  const code = await new Promise((resolve) => {
    child.once('error', resolve);
    child.once('exit', resolve);
  });
  if (code === 0) {
    renameSync(unfinished, program);
    return;
  }
  rmSync(unfinished, { force: true });
  const last = stderr.trim().split('\n').slice(-3).join(' | ');
  throw new Error(`${name} does not build here: ${last || String(code)}`);
}
