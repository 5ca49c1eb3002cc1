import { type Access } from '../world/kube-client.ts';
import { type NodeIdentity } from './node-object.ts';
import { type Timers, type Timing } from '../world/timers.ts';

/**
 * What can go wrong at the next boot: it never comes back, comes back with the kernel it had, or asks for a
 * reboot again.
 */
export type BootFault = 'never-back' | 'old-kernel' | 'still-required';

export interface KubeletOptions extends Access {
  readonly node: NodeIdentity & {
    readonly directory: string;
    /** The kernel that is installed and running at first. */
    readonly kernel?: string;
    /** Pods that the kubelet has from files: a control plane's own. */
    readonly staticPods?: readonly string[];
  };
  readonly timing: Timing;
  readonly timers: Timers;
  readonly onError: (error: unknown) => void;
  /** The machine loses power: everything on it ends. */
  readonly onPowerOff?: () => Promise<void> | void;
  /** The machine is up and its kubelet has registered. Also after the first boot. */
  readonly onPowerOn?: () => Promise<void> | void;
}
