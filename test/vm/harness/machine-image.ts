import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createSupervisor } from '../../../demo/environment/supervisor.ts';
import { findPrograms } from './find-programs.ts';
import { installDebian, packages, suite } from './install-debian.ts';

const run = promisify(execFile);
const home = fileURLToPath(new URL('..', import.meta.url));

export interface Kernel {
  /** As `uname -r` says it. */
  readonly release: string;
  readonly image: string;
  readonly initrd: string;
}

/** A Debian with systemd, containerd and two kernels. */
export interface MachineImage {
  /** An ext4 file system, to be copied for each machine. */
  readonly disk: string;
  readonly older: Kernel;
  readonly newer: Kernel;
  /** A program that holds the namespaces of a pod: all that has to be in the image of one. */
  readonly pause: string;
}

export type BuiltImage =
  | { readonly ok: true; readonly image: MachineImage }
  | { readonly ok: false; readonly why: string };

interface BuildOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly tell: (line: string) => void;
}

const diskSize = '2G';

/** Holds the namespaces of a pod; linked statically. */
const pauseProgram = 'usr/bin/catatonit';

/** Made once for what it is made of, from Debian's packages, and kept outside of the tree. */
export async function buildMachineImage({ env, tell }: BuildOptions): Promise<BuiltImage> {
  const folder = join(cacheFolder(env), digest());
  if (existsSync(folder)) return { ok: true, image: imageIn(folder) };
  if (process.getuid?.() !== 0)
    return { ok: false, why: 'the disk of the machine is not there, and only root can make it' };
  const tools = await findPrograms(env, {
    mmdebstrap: 'mmdebstrap',
    mke2fs: 'e2fsprogs',
    unshare: 'util-linux',
  });
  if (!tools.ok) return tools;
  tell("making the machine's disk from Debian's packages (some minutes)");
  const start = performance.now();
  // Everything that it needs is there: what goes wrong now is an error, and no reason to skip a test.
  await build(folder, tools.paths);
  tell(`the disk was made in ${Math.round((performance.now() - start) / 1000)} s`);
  return { ok: true, image: imageIn(folder) };
}

function imageIn(folder: string): MachineImage {
  const prefix = 'vmlinuz-';
  const kernels = readdirSync(join(folder, 'boot'))
    .filter((name) => name.startsWith(prefix))
    .map((name) => name.slice(prefix.length))
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    .map((release) => ({
      release,
      image: join(folder, 'boot', `${prefix}${release}`),
      initrd: join(folder, 'boot', `initrd.img-${release}`),
    }));
  const [older, newer] = kernels;
  if (older === undefined || newer === undefined) throw new Error(`${folder} lacks kernels: remove it`);
  return { disk: join(folder, 'disk.img'), older, newer, pause: join(folder, 'pause') };
}

function digest(): string {
  const hash = createHash('sha256');
  const sources = ['install-in-guest.sh', ...filesBelow(join(home, 'guest'))];
  const parts = [suite, diskSize, pauseProgram, ...packages];
  for (const name of sources) parts.push(name, readFileSync(join(home, name), 'utf8'));
  for (const part of parts) hash.update(`${part.length}:${part}`);
  return hash.digest('hex').slice(0, 16);
}

const filesBelow = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(home, join(entry.parentPath, entry.name)))
    .toSorted();

function cacheFolder(env: NodeJS.ProcessEnv): string {
  const wanted = env['XDG_CACHE_HOME'] ? env['XDG_CACHE_HOME'] : join(homedir(), '.cache');
  return join(wanted, 'tugboot', 'vm');
}

type Tools = Readonly<Record<'mmdebstrap' | 'mke2fs' | 'unshare', string>>;

async function build(folder: string, tools: Tools): Promise<void> {
  const work = mkdtempSync(join(tmpdir(), 'tugboot-vm-'));
  // Apt gives up its rights while it downloads, and still has to get here.
  chmodSync(work, 0o755);
  // However we end, what was begun ends and goes.
  const supervisor = createSupervisor(work);
  // Under a name of its own, so that a build that is cut off is never taken for a finished one.
  const unfinished = `${folder}.${process.pid}`;
  try {
    const root = join(work, 'root');
    await installDebian({ ...tools, guest: home, root, supervisor });
    for (const name of readdirSync(join(root, 'boot')))
      if (/^(vmlinuz|initrd\.img)-/.test(name))
        copyTo(join(unfinished, 'boot', name), join(root, 'boot', name));
    copyTo(join(unfinished, 'pause'), join(root, pauseProgram));
    await run(tools.mke2fs, ['-q', '-t', 'ext4', '-d', root, join(unfinished, 'disk.img'), diskSize]);
    renameSync(unfinished, folder);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
    await supervisor.close();
  }
}

function copyTo(target: string, source: string): void {
  mkdirSync(dirname(target), { recursive: true });
  copyFileSync(source, target);
}
