import { open } from 'node:fs/promises';
import { constants } from 'node:fs';
import { reportLimits } from '../../reboot/nodes/report-limits.ts';
import { cleanText } from '../host/clean-text.ts';

const newline = 10;
const carriageReturn = 13;
const nothing = Buffer.alloc(0);
/** First letters of Package, Status, Version, in either case. */
const initials = Buffer.from('PpSsVv');
/** The wanted fields are short; a longer line (a description, or garbage) is skipped without being stored. */
const longestLine = 4096;
const chunkSize = 64 * 1024;
/** On a Debian with every package installed the file has some 60 MB. */
const mostBytes = 128 * 1024 * 1024;

/**
 * Parses dpkg's status database chunk by chunk (deb-control(5): paragraphs of `Field: value`), with one line
 * in memory at a time.
 */
export interface DpkgScan {
  /** Returns true once every wanted package has been found: the rest need not be read. */
  push(chunk: Buffer): boolean;
  /** Versions of the wanted packages that are installed, by name. */
  end(): ReadonlyMap<string, string>;
}

interface Paragraph {
  package?: string;
  version?: string;
  installed?: boolean;
}

export function scanDpkgStatus(wanted: Iterable<string>): DpkgScan {
  const missing = new Set(wanted);
  const versions = new Map<string, string>();
  let paragraph: Paragraph = {};
  let carry: Buffer = nothing;
  let skipping = false;

  const closeParagraph = (): void => {
    const { package: name, version, installed } = paragraph;
    paragraph = {};
    // The same package of another architecture has the same version (dpkg enforces it for Multi-Arch: same):
    // the first one wins.
    if (name !== undefined && version !== undefined && installed === true && missing.delete(name)) {
      versions.set(name, version);
    }
  };
  const takeLine = (line: Buffer): void => {
    const first = line[0];
    if (first === undefined || first === carriageReturn) closeParagraph();
    // About three lines of a hundred match; the others are not decoded.
    else if (initials.includes(first)) readField(paragraph, line.toString('utf8'));
  };

  return {
    push(chunk) {
      let from = 0;
      for (let to = chunk.indexOf(newline); to >= 0 && missing.size > 0; to = chunk.indexOf(newline, from)) {
        const piece = chunk.subarray(from, to);
        const line = carry.length === 0 ? piece : Buffer.concat([carry, piece]);
        if (!skipping && line.length <= longestLine) takeLine(line);
        skipping = false;
        carry = nothing;
        from = to + 1;
      }
      const rest = chunk.subarray(from);
      skipping ||= carry.length + rest.length > longestLine;
      // Copied, because the caller reuses its buffer.
      carry = skipping ? nothing : Buffer.concat([carry, rest]);
      return missing.size === 0;
    },
    end() {
      if (!skipping && carry.length > 0) takeLine(carry);
      closeParagraph();
      return versions;
    },
  };
}

function readField(paragraph: Paragraph, line: string): void {
  const colon = line.indexOf(':');
  if (colon <= 0) return;
  const value = line.slice(colon + 1).trim();
  // Field names are case-insensitive (deb-control(5)).
  switch (line.slice(0, colon).toLowerCase()) {
    case 'package':
      paragraph.package = value;
      break;
    case 'version':
      paragraph.version = cleanText(value, reportLimits.versionLength);
      break;
    case 'status':
      // "want flag status": for a package removed but not purged the status is `config-files`.
      paragraph.installed = value.split(/\s+/)[2] === 'installed';
      break;
    default:
  }
}

/**
 * Installed versions of the named packages, from the status file at `path`. Rejects with the error of the
 * file system.
 */
export async function readDpkgVersions(
  path: string,
  names: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const scan = scanDpkgStatus(names.map(packageOf));
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const buffer = Buffer.allocUnsafe(chunkSize);
    for (let total = 0; total < mostBytes;) {
      const { bytesRead } = await file.read(buffer, 0, buffer.length, total);
      total += bytesRead;
      if (bytesRead === 0 || scan.push(buffer.subarray(0, bytesRead))) break;
    }
  } finally {
    await file.close();
  }
  const versions = scan.end();
  return new Map(names.flatMap((name) => pair(name, versions.get(packageOf(name)))));
}

/** `libc6:amd64` is package libc6; `snap:firefox` is no Debian package and matches none. */
const packageOf = (name: string): string => (name.startsWith('snap:') ? name : (name.split(':')[0] ?? name));

const pair = (name: string, version: string | undefined): [string, string][] =>
  version === undefined ? [] : [[name, version]];
