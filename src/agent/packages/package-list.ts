import { reportLimits } from '../../reboot/nodes/node-report.ts';
import { cleanText } from '../host/clean-text.ts';

export interface PackageNames {
  /** In the file's order, each once. */
  readonly names: readonly string[];
  /** Further names, beyond what a report may hold. */
  readonly leftOut: number;
  /** Lines that are no text. */
  readonly rubbish: number;
}

/**
 * The names in a reboot-required.pkgs file, one a line. update-notifier appends blindly, so the same name
 * often stands there several times; Debian's policy on signalling reboots fixes no encoding, so what is not
 * UTF-8 is no name.
 */
export function parsePackageNames(bytes: Uint8Array, limits = reportLimits): PackageNames {
  const lines = splitLines(bytes);
  // A NUL byte anywhere means that the file is no text at all; single lines of it may look like names by
  // chance.
  if (bytes.includes(0)) return { names: [], leftOut: 0, rubbish: lines.length };
  const names = new Set<string>();
  let rubbish = 0;
  for (const line of lines) {
    const name = cleanText(line, limits.nameLength);
    if (name === '' || name.includes('\uFFFD')) rubbish += 1;
    else names.add(name);
  }
  const kept = [...names].slice(0, limits.packages);
  return { names: kept, leftOut: Math.min(names.size - kept.length, reportLimits.packagesLeftOut), rubbish };
}

const splitLines = (bytes: Uint8Array): string[] =>
  new TextDecoder()
    .decode(bytes)
    .split(/\r\n|\n|\r/)
    .filter((line) => line.trim() !== '');
