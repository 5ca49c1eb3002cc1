import { basePackages } from './debian-packages.ts';
import { createHostDirectory, type HostDirectory } from './host-directory.ts';
import { type BootFault, type KubeletOptions } from './kubelet-options.ts';
import { createMachine } from './machine.ts';

export type { BootFault, KubeletOptions } from './kubelet-options.ts';

export interface Kubelet {
  readonly name: string;
  readonly host: HostDirectory;
  readonly power: () => 'on' | 'rebooting';
  readonly bootId: () => string;
  /** A power cycle. Resolves when the node has registered again, or will never. */
  readonly reboot: () => Promise<void>;
  readonly failNextBoot: (fault: BootFault) => void;
  /** Starts a machine that did not come back. */
  readonly pressPowerButton: () => Promise<void>;
  readonly subscribe: (onChange: () => void) => () => void;
  readonly stop: () => void;
}

const firstKernel = '6.8.0-45-generic';

/** A simulated machine: a kubelet as a client of the API, and a host directory. */
export async function startKubelet(options: KubeletOptions): Promise<Kubelet> {
  const kernel = options.node.kernel ?? firstKernel;
  const host = await createHostDirectory(options.node.directory, kernel, basePackages(kernel));
  const machine = createMachine(options, host, kernel);
  host.watch({
    onRebootRequest: () => void machine.reboot().catch(options.onError),
    onRunChange: machine.changed,
  });
  await machine.boot(kernel);
  return {
    name: options.node.name,
    host,
    power: machine.power,
    bootId: machine.bootId,
    reboot: machine.reboot,
    failNextBoot: machine.failNextBoot,
    pressPowerButton: machine.pressPowerButton,
    subscribe: machine.subscribe,
    stop() {
      machine.cutPower();
      host.close();
    },
  };
}
