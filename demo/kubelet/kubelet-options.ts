import { type Access } from '../world/kube-client.ts';
import { type NodeIdentity } from './node-object.ts';
import { type Timers, type Timing } from '../world/timers.ts';

/**
 * Faults of the next boot: it never completes, it starts the old kernel, or a reboot is required again after
 * it.
 */
export type BootFault = 'never-back' | 'old-kernel' | 'still-required';

export interface KubeletOptions extends Access {
  readonly node: NodeIdentity & {
    readonly directory: string;
    /** The kernel that is installed and running at first. */
    readonly kernel?: string;
    /** Pods that the kubelet runs from manifest files, such as those of a control plane. */
    readonly staticPods?: readonly string[];
  };
  readonly timing: Timing;
  readonly timers: Timers;
  readonly onError: (error: unknown) => void;
  /** Called when the machine loses power. */
  readonly onPowerOff?: () => Promise<void> | void;
  /** Called when the machine is up and its kubelet has registered, also after the first boot. */
  readonly onPowerOn?: () => Promise<void> | void;
}
