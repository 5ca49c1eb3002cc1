/** The kernel that a node must run after its reboot. */
import { newKernelBy } from '../nodes/host-signals.ts';
import type { PoolPolicy } from '../policy/policy.ts';
import type { Need } from '../state/need.ts';

/**
 * Whether the need includes a new kernel. True where that is unknown, because missing data must not weaken
 * the proof.
 */
export function asksForKernel({ packages, packagesLeftOut, askedBy, person }: Need): boolean {
  if (packages.some(({ risk }) => risk === 'kernel') || packagesLeftOut > 0) return true;
  // Records of earlier versions have no `askedBy`, and had one signal, the sentinel.
  const names = askedBy?.map(({ name }) => name) ?? (person === undefined ? ['sentinel'] : []);
  if (names.some((name) => newKernelBy(name) === 'yes')) return true;
  return packages.length === 0 && names.some((name) => newKernelBy(name) === 'maybe');
}

interface Kernels {
  readonly need: Need;
  readonly runs: string;
  /** From the report of the new boot. Undefined where it is not known what is installed. */
  readonly newest: string | undefined;
}

/** Why the running kernel is wrong, as a sentence; undefined when it is right. */
export function wrongKernel(
  { need, runs, newest }: Kernels,
  { expectKernel }: Pick<PoolPolicy, 'expectKernel'>,
): string | undefined {
  if (expectKernel === 'any') return undefined;
  const { running, next } = need.kernel;
  // A kernel that was installed during the drain may have been booted instead of the one on the card.
  if (runs === newest) return undefined;
  const mustBeNew = expectKernel === 'newest' || asksForKernel(need);
  if (mustBeNew && next !== undefined)
    return runs === next ? undefined : `Kernel ${runs} runs, and ${next} was expected.`;
  if (newest === undefined) return undefined;
  if (expectKernel === 'newest') return `Kernel ${runs} runs, and ${newest} was expected.`;
  // Without a new kernel to expect, the node must not fall back to an older one.
  return runs === running || runs === next ? undefined : `Kernel ${runs} runs, and ${running} was expected.`;
}
