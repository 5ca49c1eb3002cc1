/** The signals that an agent reads, with what the core uses of each. */
export interface SignalFacts {
  /**
   * Whether a yes means that the next boot has a new kernel. `maybe`: packages ask, and one that is not named
   * may be a kernel.
   */
  readonly newKernel: 'yes' | 'maybe' | 'no';
}

/** Signals that every agent can read. Their readers are in src/agent/signals/host-signals.ts. */
export const hostSignals = {
  sentinel: { newKernel: 'maybe' },
  kernel: { newKernel: 'yes' },
  modules: { newKernel: 'yes' },
  suse: { newKernel: 'maybe' },
  ostree: { newKernel: 'no' },
} as const satisfies Readonly<Record<string, SignalFacts>>;

/** Commands whose output the agent can parse, run only where the operator has enabled them. */
export const commandPresets = {
  'needs-restarting': { newKernel: 'maybe' },
  dnf: { newKernel: 'maybe' },
  dnf5: { newKernel: 'maybe' },
  zypper: { newKernel: 'maybe' },
} as const satisfies Readonly<Record<string, SignalFacts>>;

export type HostSignalName = keyof typeof hostSignals;
export type CommandPreset = keyof typeof commandPresets;

export const hostSignalNames = Object.keys(hostSignals) as readonly HostSignalName[];
export const commandPresetNames = Object.keys(commandPresets) as readonly CommandPreset[];

const facts: ReadonlyMap<string, SignalFacts> = new Map<string, SignalFacts>([
  ...Object.entries(hostSignals),
  ...Object.entries(commandPresets),
]);

/** Commands of the operator and signals of the cluster say nothing about the kernel. */
export const newKernelBy = (signal: string): SignalFacts['newKernel'] => facts.get(signal)?.newKernel ?? 'no';
