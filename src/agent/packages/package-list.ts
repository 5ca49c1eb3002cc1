import { reportLimits } from '../../reboot/nodes/report-limits.ts';
import { cleanText } from '../host/clean-text.ts';

export interface PackageNames {
  /** In the order of the file, without duplicates. */
  readonly names: readonly string[];
  /** Number of names beyond the limit of a report. */
  readonly leftOut: number;
  /** Number of lines that are not valid text. */
  readonly invalidLines: number;
}

/**
 * The names in a reboot-required.pkgs file, one a line. update-notifier appends without a check, so that
 * names are often repeated. Debian's policy on signalling reboots specifies no encoding; a line that is not
 * UTF-8 is invalid.
 */
export function parsePackageNames(bytes: Uint8Array, limits = reportLimits): PackageNames {
  const lines = textLines(bytes);
  // A NUL byte anywhere means that the file is not text; single lines of it may look like names by chance.
  if (bytes.includes(0)) return { names: [], leftOut: 0, invalidLines: lines.length };
  const names = new Set<string>();
  let invalidLines = 0;
  for (const line of lines) {
    const name = cleanText(line, limits.nameLength);
    if (name === '' || name.includes('\uFFFD')) invalidLines += 1;
    else names.add(name);
  }
  const kept = [...names].slice(0, limits.packages);
  return {
    names: kept,
    leftOut: Math.min(names.size - kept.length, reportLimits.packagesLeftOut),
    invalidLines,
  };
}

const textLines = (bytes: Uint8Array): string[] =>
  new TextDecoder()
    .decode(bytes)
    .split(/\r\n|\n|\r/)
    .filter((line) => line.trim() !== '');
