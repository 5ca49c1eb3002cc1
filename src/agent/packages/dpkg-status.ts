import { open } from 'node:fs/promises';
import { constants } from 'node:fs';
import { reportLimits } from '../../reboot/nodes/node-report.ts';
import { cleanText } from '../host/clean-text.ts';

const newline = 10;
const carriageReturn = 13;
const nothing = Buffer.alloc(0);
/** Package, Status, Version, in either case. */
const initials = Buffer.from('PpSsVv');
/**
 * The fields looked for are short; a line that grows beyond this (a description, or rubbish) is skipped
 * unread.
 */
const longestLine = 4096;
const chunkSize = 64 * 1024;
/** A Debian with everything installed has some 60 MB here. */
const mostBytes = 128 * 1024 * 1024;

/**
 * Reads dpkg's status database piece by piece (deb-control(5): paragraphs of `Field: value`) and holds one
 * line at a time.
 */
export interface DpkgScan {
  /** Returns true once every wanted package has been found, so that the rest need not be read. */
  push(chunk: Buffer): boolean;
  /** Versions of the wanted packages that are installed. */
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
    // The same package of another architecture has the same version (dpkg insists for Multi-Arch: same):
    // first one wins.
    if (name !== undefined && version !== undefined && installed === true && missing.delete(name)) {
      versions.set(name, version);
    }
  };
  const takeLine = (line: Buffer): void => {
    const first = line[0];
    if (first === undefined || first === carriageReturn) closeParagraph();
    // Three lines of a hundred matter: the others are not even decoded.
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
  // Field names are case-insensitive (deb-control(5)); dpkg writes them as here.
  switch (line.slice(0, colon).toLowerCase()) {
    case 'package':
      paragraph.package = value;
      break;
    case 'version':
      paragraph.version = cleanText(value, reportLimits.versionLength);
      break;
    case 'status':
      // "want flag status": a package removed but for its configuration ends in `config-files`.
      paragraph.installed = value.split(/\s+/)[2] === 'installed';
      break;
    default:
  }
}

/**
 * Installed versions of the named packages, from the status file at `path`. Throws what the file system
 * throws.
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
