import { execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { createWriteStream, existsSync, readFileSync, rmSync } from 'node:fs';
import { setPriority } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Supervisor } from '../../../demo/environment/supervisor.ts';
import { createGuestAgent, type GuestAgent } from './guest-agent.ts';
import type { Kernel, MachineImage } from './machine-image.ts';

const run = promisify(execFile);

/** A machine in QEMU, from its power button to its boot loader. */
export interface Machine extends GuestAgent {
  readonly name: string;
  /** What the boot loader starts from now on. */
  setBootLoader(kernel: Kernel): void;
  /** The releases of the kernels that were started, oldest first. */
  starts(): readonly string[];
  /** Why it has no power, if it should have. */
  trouble(): string | undefined;
  /** All that its serial console and QEMU have printed. */
  console(): string;
}

export interface MachineOptions {
  readonly name: string;
  readonly qemu: string;
  readonly image: MachineImage;
  /** Shared by all machines; they only read it. */
  readonly siteDisk: string;
  readonly directory: string;
  readonly supervisor: Supervisor;
  /** For one command inside. */
  readonly patience: number;
}

/** Copies the image's disk and switches the machine on, with its older kernel. */
export async function startMachine(options: MachineOptions): Promise<Machine> {
  const { name, image, directory, patience } = options;
  const at = (what: string): string => join(directory, `${name}.${what}`);
  const disk = at('disk');
  await run('cp', ['--sparse=always', '--reflink=auto', image.disk, disk]);
  const power: Power = {
    options,
    disk,
    at,
    uuid: randomUUID(),
    kernel: image.older,
    starts: [],
    trouble: undefined,
  };
  switchOn(power);
  return {
    name,
    ...createGuestAgent({ socket: at('agent'), patience }),
    setBootLoader(kernel) {
      power.kernel = kernel;
    },
    starts: () => [...power.starts],
    trouble: () => power.trouble,
    console: () => [at('console'), at('log')].map(contentOf).join('\n'),
  };
}

const contentOf = (file: string): string => (existsSync(file) ? readFileSync(file, 'utf8') : '');

interface Power {
  readonly options: MachineOptions;
  readonly disk: string;
  readonly at: (what: string) => string;
  readonly uuid: string;
  kernel: Kernel;
  readonly starts: string[];
  trouble: string | undefined;
}

/**
 * QEMU loads the kernel by itself, as a boot loader would, and ends when the machine resets (-no-reboot); it
 * is then started again with the kernel that is chosen by then.
 */
function switchOn(power: Power): void {
  const { options, at } = power;
  power.starts.push(power.kernel.release);
  // The one of the last start would be taken for this machine's.
  rmSync(at('agent'), { force: true });
  const log = createWriteStream(at('log'), { flags: 'a' });
  const child = options.supervisor.adopt(
    spawn(options.qemu, commandLine(power), { stdio: ['ignore', 'pipe', 'pipe'] }),
  );
  // Emulation takes every cycle that it gets, and the cluster outside has deadlines.
  if (child.pid !== undefined) setPriority(child.pid, 10);
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  child.once('exit', (code, signal) => {
    if (options.supervisor.isEnding(child)) return;
    if (code === 0) return switchOn(power);
    power.trouble = `QEMU ended with ${signal ?? code}: ${contentOf(at('log')).trim()}`;
  });
}

function commandLine({ options, disk, at, uuid, kernel }: Power): readonly string[] {
  const { name, siteDisk } = options;
  const line = `root=/dev/vda rw console=ttyS0 net.ifnames=0 panic=-1 systemd.hostname=${name}`;
  const valued: readonly (readonly [string, string])[] = [
    ['-name', name],
    ['-uuid', uuid],
    ['-machine', 'q35'],
    // Emulation is slow and works everywhere; KVM inside of a virtual machine of somebody's is there and
    // fails as often as not.
    ['-accel', 'tcg'],
    ['-cpu', 'max'],
    ['-smp', '2'],
    ['-m', '1280'],
    ['-display', 'none'],
    ['-kernel', kernel.image],
    ['-initrd', kernel.initrd],
    ['-append', line],
    ['-drive', `file=${disk},format=raw,if=virtio,cache=unsafe`],
    ['-drive', `file=${siteDisk},format=raw,if=virtio,readonly=on`],
    ['-netdev', 'user,id=uplink'],
    ['-device', 'virtio-net-pci,netdev=uplink'],
    ['-device', 'virtio-rng-pci'],
    ['-chardev', `file,id=console,path=${at('console')},append=on`],
    ['-serial', 'chardev:console'],
    ['-chardev', `socket,id=agent,path=${at('agent')},server=on,wait=off`],
    ['-device', 'virtio-serial-pci'],
    ['-device', 'virtserialport,chardev=agent,name=org.qemu.guest_agent.0'],
  ];
  return ['-nodefaults', '-no-user-config', '-no-reboot', ...valued.flat()];
}
