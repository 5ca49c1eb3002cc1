import type { NodeReport } from '../nodes/node-report.ts';
import { sentinelSignal } from '../policy/pool-signal.ts';
import type { Lapse } from '../state/decision.ts';
import type { Need, NeededPackage, RiskClass } from '../state/need.ts';
import { askersOf, packagesOf, type PoolReading, readReport, saying } from './signals.ts';
import { toInstant, toTimestamp, type Instant } from '../time/time.ts';

/** A short, stable hash of a text, in lower-case hex. Injected, because the core has no hash function. */
export type Hash = (text: string) => string;

/**
 * Packages that change the risk of a reboot: the names that Debian, Red Hat, SUSE and Arch give to the
 * kernel, the C library, PID 1, firmware and the crypto libraries. The first match wins.
 */
const riskPatterns: readonly (readonly [RiskClass, RegExp])[] = [
  [
    'firmware',
    /^(linux-firmware|firmware-|kernel-firmware|(intel|amd64)-microcode|ucode-|microcode_ctl|fwupd)/,
  ],
  [
    'kernel',
    /^(linux-(image|modules|base|generic|virtual|aws|azure|gcp|oracle|kvm|lts)\b|linux$|linux-zen|kernel($|-(core|default|modules|rt|uek)))/,
  ],
  ['libc', /^(libc6|libc-bin|glibc|musl)\b/],
  ['init', /^(systemd|libsystemd|udev|dbus|init)\b/],
  ['crypto', /^(openssl|libssl|libcrypto|gnutls|libgnutls|ca-certificates)/],
];

/** The order in which risks are shown to people, kernel first. */
export const riskClasses: readonly RiskClass[] = ['kernel', 'libc', 'init', 'firmware', 'crypto', 'other'];

export const riskOf = (name: string): RiskClass =>
  riskPatterns.find(([, pattern]) => pattern.test(name))?.[0] ?? 'other';

const line = (pack: NeededPackage): string => `${pack.name}=${pack.version ?? ''}`;

/**
 * The need that results from the signals that require a reboot, with the digests that decisions are bound to.
 * The default for `readings` is the sentinel of the report.
 */
export function needOf(
  report: NodeReport,
  hash: Hash,
  now: Instant,
  readings: readonly PoolReading[] = [readReport(sentinelSignal.name, report)],
): Need {
  const asking = saying('yes', readings);
  const packages = packagesOf(asking).map((pack) => ({ ...pack, risk: riskOf(pack.name) }));
  const packagesLeftOut = asking.some(({ name }) => name === sentinelSignal.name)
    ? report.packagesLeftOut
    : 0;
  const next = report.kernel.newest;
  const kernel = {
    running: report.kernel.running,
    ...(next !== undefined && next !== report.kernel.running ? { next } : {}),
  };
  const lines = packages.map(line).sort();
  const risky = packages
    .filter((pack) => pack.risk !== 'other')
    .map(line)
    .sort();
  const kernelLine = `kernel=${kernel.next ?? kernel.running}`;
  return {
    since: earliest(asking) ?? toTimestamp(now),
    packages,
    packagesLeftOut,
    kernel,
    digest: hash([...lines, `+${packagesLeftOut}`, kernelLine].join('\n')),
    riskDigest: hash([...risky, kernelLine].join('\n')),
    askedBy: askersOf(asking),
  };
}

/** In one notation, because people and tools write offsets and fractions differently. */
function earliest(readings: readonly PoolReading[]): string | undefined {
  const times = readings.flatMap(({ since }) => (since === undefined ? [] : [toInstant(since)]));
  return times.length === 0 ? undefined : toTimestamp(Math.min(...times));
}

/** Packages and kernels added and removed between two needs, as shown to people. */
export function packageDiff(before: Need, after: Need): Pick<Lapse, 'added' | 'removed'> {
  const described = (need: Need): readonly string[] => [
    ...need.packages.map((pack) => (pack.version === undefined ? pack.name : `${pack.name} ${pack.version}`)),
    ...(need.kernel.next === undefined ? [] : [`kernel ${need.kernel.next}`]),
  ];
  const old = new Set(described(before));
  const fresh = new Set(described(after));
  return {
    added: [...fresh].filter((name) => !old.has(name)),
    removed: [...old].filter((name) => !fresh.has(name)),
  };
}
