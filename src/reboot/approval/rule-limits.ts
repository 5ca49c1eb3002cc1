/** Limits of automatic approval, by the packages that require the reboot (autoApprove.packages). */
import { matchesAny } from '../policy/glob.ts';
import type { PackageLimits, PoolPolicy } from '../policy/policy.ts';
import type { Need } from '../state/need.ts';

/**
 * The name matched against the limits for a kernel without a package: a kernel signal reports a release, not
 * a package.
 */
export const kernelName = 'kernel';

/** Why the rule may not approve it, as a sentence; undefined where the packages allow it. */
export function beyondRule(
  need: Need,
  { name, autoApprove }: Pick<PoolPolicy, 'name' | 'autoApprove'>,
): string | undefined {
  if (autoApprove === undefined) return undefined;
  const names = refusedBy(autoApprove.packages, need);
  if (names.length > 0)
    return `The rule of pool ${name} does not approve ${listed(names)}: a person has to (autoApprove.packages).`;
  if (need.packagesLeftOut > 0)
    return `The rule of pool ${name} approves by package, and ${need.packagesLeftOut} of them are not in the report: a person has to approve it.`;
  if (need.packages.length === 0 && need.kernel.next === undefined)
    return `The rule of pool ${name} approves by package, and none is named: a person has to approve it.`;
  return undefined;
}

function refusedBy({ include, exclude }: PackageLimits, { packages, kernel }: Need): readonly string[] {
  const isRefused = (name: string): boolean =>
    matchesAny(exclude, name) || (include.length > 0 && !matchesAny(include, name));
  const refused = packages.flatMap((pack) => {
    const excludedKernel = pack.risk === 'kernel' && matchesAny(exclude, kernelName);
    return excludedKernel || isRefused(pack.name) ? [pack.name] : [];
  });
  if (refused.length > 0 || kernel.next === undefined) return refused;
  // The new kernel runs after the reboot, whichever signal required it. Where a package brings the kernel,
  // `include` was matched against that package.
  const isNamed = packages.some(({ risk }) => risk === 'kernel');
  const kernelRefused = isNamed ? matchesAny(exclude, kernelName) : isRefused(kernelName);
  return kernelRefused ? [`kernel ${kernel.next}`] : [];
}

const mostNamed = 3;

function listed(names: readonly string[]): string {
  const rest = names.length - mostNamed;
  return names.slice(0, mostNamed).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}
