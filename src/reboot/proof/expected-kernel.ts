/** Which kernel a node must run after its reboot. */
import type { PoolPolicy } from '../policy/policy.ts';
import type { Need } from '../state/need.ts';

/** Signals that mean the kernel. */
const kernelSignals = new Set(['kernel', 'modules']);
/** Signals of package managers. One that names no package may mean any. */
const packageSignals = new Set(['sentinel', 'suse', 'needs-restarting', 'dnf', 'dnf5', 'zypper']);

/**
 * Whether a new kernel is among what is asked for. Where it cannot be told, it is: the proof must not become
 * weaker for a lack of words.
 */
export function asksForKernel({ packages, packagesLeftOut, askedBy, person }: Need): boolean {
  if (packages.some(({ risk }) => risk === 'kernel') || packagesLeftOut > 0) return true;
  // Records of earlier versions knew the sentinel alone.
  const names = askedBy?.map(({ name }) => name) ?? (person === undefined ? ['sentinel'] : []);
  if (names.some((name) => kernelSignals.has(name))) return true;
  return packages.length === 0 && names.some((name) => packageSignals.has(name));
}

interface Kernels {
  readonly need: Need;
  readonly runs: string;
  /** Of the new boot's report; undefined where nobody knows what is installed. */
  readonly newest: string | undefined;
}

/** What is wrong with the kernel that runs, in words. */
export function wrongKernel(
  { need, runs, newest }: Kernels,
  { expectKernel }: Pick<PoolPolicy, 'expectKernel'>,
): string | undefined {
  if (expectKernel === 'any') return undefined;
  const { running, next } = need.kernel;
  // A kernel that came during the drain may have been booted instead of the one on the card.
  if (runs === newest) return undefined;
  const mustBeNew = expectKernel === 'newest' || asksForKernel(need);
  if (mustBeNew && next !== undefined)
    return runs === next ? undefined : `Kernel ${runs} runs, and ${next} was expected.`;
  if (newest === undefined) return undefined;
  if (expectKernel === 'newest') return `Kernel ${runs} runs, and ${newest} was expected.`;
  // No new one is expected, but the node must not fall back behind the one that ran.
  return runs === running || runs === next ? undefined : `Kernel ${runs} runs, and ${running} was expected.`;
}
