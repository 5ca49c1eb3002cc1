import { compareKernels } from '../packages/kernel-version.ts';
import { type HostSignal, no, unknown, yes } from './host-signal.ts';

export const kernelOfHost: HostSignal = {
  files: () => ['boot', 'lib/modules'],
  read({ kernel: { running, newest } }) {
    if (newest.kind === 'unknown') return unknown(newest.reason);
    return (compareKernels(newest.release, running) ?? 0) > 0
      ? yes(`Kernel ${newest.release} is installed and ${running} runs`)
      : no;
  },
};
