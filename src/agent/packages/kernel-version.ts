/** A kernel release as printed by `uname -r`, split into its parts. */
export interface KernelRelease {
  readonly release: string;
  /** The part that is compared. */
  readonly version: string;
  /**
   * The build variant: `generic`, `cloud-amd64`, `default`, `+rt`; empty where the distribution has one
   * kernel.
   */
  readonly flavour: string;
}

/**
 * A number, a release candidate, or the patch level of an Arch kernel: `6.11.5-arch1-1`, `6.11.5-zen1-1-zen`.
 */
const versionPart = /^((rc)?\d|(arch|zen|hardened)\d)/;

/**
 * Longterm series of kernel.org. ELRepo builds `kernel-lt` from the newest of them and `kernel-ml` from the
 * mainline, and names both `6.1.9-1.el9.elrepo.x86_64`: only the series differs.
 */
const longterm = ['4.4', '4.9', '4.14', '4.19', '5.4', '5.10', '5.15', '6.1', '6.6', '6.12', '6.18'];

/**
 * Flavours encoded in the version: Oracle's, ELRepo's, and `kernel-rt` of Red Hat before 9.3
 * (`553.rt7.342.el8_10`), which is `+rt` since.
 */
function flavourWithin(version: string): string {
  if (/\.el\d+uek\b/.test(version)) return 'uek';
  if (/\.rt\d+\.\d+\.el\d/.test(version)) return '+rt';
  if (!/\.elrepo\b/.test(version)) return '';
  return longterm.some((series) => version.startsWith(`${series}.`)) ? 'elrepo-lt' : 'elrepo-ml';
}

/**
 * `6.8.0-49-generic` is version 6.8.0-49, flavour generic; `6.1.0-28-cloud-amd64` has flavour cloud-amd64.
 * Red Hat appends variants with a plus: `5.14.0-427.el9.x86_64+rt`.
 */
export function parseKernelRelease(release: string): KernelRelease {
  const parts = release.split('-');
  const flavourAt = parts.findIndex((part, index) => index > 0 && !versionPart.test(part));
  const versionParts = flavourAt < 0 ? parts : parts.slice(0, flavourAt);
  const named = flavourAt < 0 ? '' : parts.slice(flavourAt).join('-');
  const version = versionParts.join('-');
  const plus = versionParts.length > 1 ? version.indexOf('+', version.indexOf('-')) : -1;
  if (plus < 0) return { release, version, flavour: named || flavourWithin(version) };
  return { release, version: version.slice(0, plus), flavour: version.slice(plus) + (named && `-${named}`) };
}

/**
 * Compares versions as rpm does, which is correct for Debian's kernel names too: runs of digits are numbers
 * (99 before 111), a number is newer than a word (427.13.1.el9 after 427.el9), and a release candidate comes
 * before its release.
 */
export function compareKernelVersions(left: string, right: string): number {
  const [a, b] = [segmentsOf(left), segmentsOf(right)];
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const comparison = compareSegments(a[index], b[index]);
    if (comparison !== 0) return comparison;
  }
  return 0;
}

const segmentsOf = (version: string): string[] =>
  version.replace(/[-.]?rc(?=\d)/g, '~').match(/\d+|[a-zA-Z]+|~/g) ?? [];

/** From oldest to newest: a release candidate, the end of the version, a word, a number. */
function compareSegments(left: string | undefined, right: string | undefined): number {
  const byRank = rankOf(left) - rankOf(right);
  if (byRank !== 0 || left === undefined || right === undefined) return Math.sign(byRank);
  if (!/^\d/.test(left)) return left < right ? -1 : Number(left > right);
  const [a, b] = [left.replace(/^0+/, ''), right.replace(/^0+/, '')];
  // Compared as text, so that long numbers lose no precision.
  if (a.length !== b.length) return Math.sign(a.length - b.length);
  return a < b ? -1 : Number(a > b);
}

function rankOf(segment: string | undefined): number {
  if (segment === undefined) return 1;
  if (segment === '~') return 0;
  return /^\d/.test(segment) ? 3 : 2;
}

/** Positive if `release` is newer than `other`. Undefined if their flavours differ: not comparable. */
export function compareKernels(release: string, other: string): number | undefined {
  const [one, two] = [parseKernelRelease(release), parseKernelRelease(other)];
  return one.flavour === two.flavour ? compareKernelVersions(one.version, two.version) : undefined;
}

/**
 * The newest of `releases` with the flavour of the running kernel. Others are no update of it: where OpenVZ
 * or a cloud provides the kernel, those in the host's /boot never run (needrestart#126).
 */
export function newestKernel(releases: readonly string[], running: string): string | undefined {
  const kernels = releases.map(parseKernelRelease);
  const { flavour } = parseKernelRelease(running);
  let newest: KernelRelease | undefined;
  for (const kernel of kernels.filter((each) => each.flavour === flavour)) {
    if (newest === undefined || compareKernelVersions(kernel.version, newest.version) > 0) newest = kernel;
  }
  return newest?.release;
}
