/** The packages and kernels that the nodes of a digest share. Pure. */
import type { Need, RiskClass } from '../../state/need.ts';
import { riskClasses } from '../../signals/packages.ts';
import type { Reboot } from '../../state/reboot.ts';
import type { KernelGroup, PackageGroup } from './digest-facts.ts';

const mostGroups = 8;
const mostVersions = 3;
const mostKernels = 4;

/** Values with their number, the most frequent first. */
function counted(values: readonly string[]): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].toSorted(([one, a], [other, b]) => b - a || (one < other ? -1 : 1));
}

export const kernelsOf = (
  reboots: readonly Reboot[],
  of: (kernel: Need['kernel']) => string | undefined,
): readonly KernelGroup[] =>
  counted(reboots.flatMap(({ need }) => of(need.kernel) ?? []))
    .slice(0, mostKernels)
    .map(([release, nodes]) => ({ release, nodes }));

interface Seen {
  readonly risk: RiskClass;
  nodes: number;
  readonly versions: string[];
}

export function packageGroups(reboots: readonly Reboot[]): {
  readonly packages: readonly PackageGroup[];
  readonly morePackages: number;
} {
  const seen = new Map<string, Seen>();
  for (const { need } of reboots)
    for (const { name, risk, version } of need.packages) {
      const known = seen.get(name) ?? { risk, nodes: 0, versions: [] };
      seen.set(name, known);
      known.nodes += 1;
      if (version !== undefined) known.versions.push(version);
    }
  const groups = [...seen]
    .map(([name, { risk, nodes, versions }]) => ({
      name,
      risk,
      nodes,
      versions: counted(versions)
        .slice(0, mostVersions)
        .map(([version]) => version),
    }))
    .toSorted(
      (one, other) =>
        riskClasses.indexOf(one.risk) - riskClasses.indexOf(other.risk) ||
        other.nodes - one.nodes ||
        (one.name < other.name ? -1 : 1),
    );
  return { packages: groups.slice(0, mostGroups), morePackages: Math.max(0, groups.length - mostGroups) };
}

/** Names of the packages of one node, the riskiest first. */
export const packageNames = ({ packages }: Need): readonly string[] =>
  packages
    .toSorted((one, other) => riskClasses.indexOf(one.risk) - riskClasses.indexOf(other.risk))
    .map(({ name }) => name);
