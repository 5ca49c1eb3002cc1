import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Supervisor } from '../../../demo/environment/supervisor.ts';
import { eventually } from './eventually.ts';
import { makeControlGroup, removeControlGroup } from './control-groups.ts';
import { type MachineSettings, writeMachineFiles } from './machine-files.ts';

/** Kernel releases of a machine, before and after its update. */
export interface Kernels {
  readonly old: string;
  readonly new: string;
}

export interface MachineOptions extends MachineSettings {
  /** Folder of its disk. */
  readonly folder: string;
  readonly bridge: string;
  readonly gateway: string;
  /** Routes to the pods of the other machines, as `network@machine`. */
  readonly routes: readonly string[];
  readonly kernels: Kernels;
  /** The program of test/cluster/control-plane. */
  readonly kubernetes: string;
  /** A folder of archives. */
  readonly images: string;
  readonly supervisor: Supervisor;
}

/** A machine in namespaces of its own, with a real containerd, kubelet and kube-proxy. */
export interface Machine {
  readonly name: string;
  readonly bootId: string;
  /** Number of reboots that were requested from its init process. */
  readonly reboots: number;
  /** The reason why it is off without a stop or a requested reboot. */
  readonly crash: string | undefined;
  /** PID of its init process on the host. */
  firstProcess(): number | undefined;
  /** The last lines of a file on its disk, without lines that match `noise`. */
  tail(path: string, lines: number, noise?: RegExp): string;
  /** Installs a newer kernel and requests a reboot, as a Debian host does. */
  upgrade(packages: readonly string[]): void;
  /** Path of a file under /run of the running machine. */
  runFile(name: string): string;
  /** A power cut. */
  stop(): Promise<void>;
}

const script = fileURLToPath(new URL('machine.sh', import.meta.url));
const namespaces = ['--pid', '--fork', '--kill-child', '--mount', '--propagation=private'];
const further = ['--net', '--uts', '--ipc'];
/** The exit code of machine.sh for a reboot. */
const rebooted = 39;

interface State {
  child: ChildProcess | undefined;
  kernel: string;
  bootId: string;
  boots: number;
  reboots: number;
  off: boolean;
  crash: string | undefined;
}

export function startMachine(options: MachineOptions): Machine {
  const { name, kernels, folder } = options;
  const own = join(folder, 'own');
  prepareDisk(options);
  const state: State = {
    child: undefined,
    kernel: kernels.old,
    bootId: '',
    boots: 0,
    reboots: 0,
    off: false,
    crash: undefined,
  };
  powerOn(options, state);
  const firstProcess = (): number | undefined => childOf(state.child?.pid);
  const runFile = (file: string): string => `/proc/${firstProcess() ?? 0}/root/run/${file}`;
  return {
    name,
    get bootId() {
      return state.bootId;
    },
    get reboots() {
      return state.reboots;
    },
    get crash() {
      return state.crash;
    },
    firstProcess,
    runFile,
    tail(path, lines, noise) {
      const file = join(folder, 'upper', path);
      if (!existsSync(file)) return `(there is no ${path})`;
      const all = readFileSync(file, 'utf8').trimEnd().split('\n');
      return all
        .filter((line) => noise === undefined || !noise.test(line))
        .slice(-lines)
        .join('\n');
    },
    upgrade(packages) {
      writeFileSync(join(own, 'boot', `vmlinuz-${kernels.new}`), '');
      mkdirSync(join(own, 'lib/modules', kernels.new), { recursive: true });
      writeFileSync(runFile('reboot-required'), '*** System restart required ***\n');
      writeFileSync(runFile('reboot-required.pkgs'), packages.map((one) => `${one}\n`).join(''));
    },
    async stop() {
      state.off = true;
      await ended(state.child);
    },
  };
}

function prepareDisk(options: MachineOptions): void {
  const { folder, kernels } = options;
  const folders = ['root', 'work', 'upper/.outside', 'upper/var/log/machine'];
  const own = ['boot', 'lib/modules', 'var/lib/dpkg', 'var/lib/containerd', 'var/lib/kubelet'];
  for (const path of [...folders, ...own.map((one) => `own/${one}`)])
    mkdirSync(join(folder, path), { recursive: true });
  writeFileSync(join(folder, 'own/boot', `vmlinuz-${kernels.old}`), '');
  mkdirSync(join(folder, 'own/lib/modules', kernels.old));
  writeFileSync(join(folder, 'own/var/lib/dpkg/status'), '');
  writeMachineFiles(folder, options);
}

/** A boot: a new boot ID, the newest installed kernel, an empty /run, and no process from before. */
function powerOn(options: MachineOptions, state: State): void {
  const { folder, at, kernels, supervisor } = options;
  const etc = join(folder, 'upper/etc/machine');
  if (existsSync(join(folder, 'own/boot', `vmlinuz-${kernels.new}`))) state.kernel = kernels.new;
  state.bootId = randomUUID();
  writeFileSync(join(etc, 'boot_id'), `${state.bootId}\n`);
  writeFileSync(join(etc, 'osrelease'), `${state.kernel}\n`);
  makeControlGroup(options.controlGroup);
  const log = openSync(join(folder, 'console.log'), 'a');
  const outside = openSync('/proc/self/ns/net', 'r');
  const child = spawn('unshare', [...namespaces, ...further, '/bin/bash', script], {
    env: {
      PATH: process.env['PATH'],
      NAME: options.name,
      DISK: folder,
      BRIDGE: options.bridge,
      GATEWAY: options.gateway,
      WIRE: at.wire(state.boots),
      ADDRESS: at.address,
      MAC: at.mac,
      ROUTES: options.routes.join(' '),
      KUBERNETES: options.kubernetes,
      IMAGES: options.images,
      OLD_KERNEL: state.kernel === kernels.old ? 'yes' : '',
    },
    stdio: ['ignore', log, log, outside],
  });
  closeSync(log);
  closeSync(outside);
  state.child = supervisor.adopt(child);
  state.boots += 1;
  child.once('exit', (code, signal) => {
    if (state.off) return;
    if (code !== rebooted) {
      state.crash = `its first process ended with ${signal ?? code}`;
      return;
    }
    state.reboots += 1;
    withoutGroup(options)
      .then(() => (state.off ? undefined : powerOn(options, state)))
      .catch((error: unknown) => (state.crash = String(error)));
  });
}

const withoutGroup = ({ controlGroup }: MachineOptions): Promise<unknown> =>
  eventually(`control group ${controlGroup} is empty`, () => removeControlGroup(controlGroup) || undefined);

/** The only child of `unshare --fork` is the init process of the machine. */
function childOf(pid: number | undefined): number | undefined {
  const file = `/proc/${pid ?? 0}/task/${pid ?? 0}/children`;
  if (pid === undefined || !existsSync(file)) return undefined;
  const [child] = readFileSync(file, 'utf8').trim().split(' ');
  return child ? Number(child) : undefined;
}

async function ended(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const over = new Promise((resolve) => child.once('exit', resolve));
  const first = childOf(child.pid);
  // Not unshare itself: it waits for its child, and so until the kernel has removed the namespaces.
  if (first !== undefined) process.kill(first, 'SIGKILL');
  else child.kill('SIGKILL');
  await over;
}
