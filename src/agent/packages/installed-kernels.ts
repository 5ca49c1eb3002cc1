import { readdir } from 'node:fs/promises';
import { reportLimits } from '../../reboot/nodes/report-limits.ts';
import { cleanText } from '../host/clean-text.ts';
import { codeOf, locate } from '../host/host-files.ts';
import { newestKernel } from './kernel-version.ts';

export type NewestKernel =
  | { readonly kind: 'known'; readonly release: string }
  | { readonly kind: 'unknown'; readonly reason: string };

const image = /^vmlinu[xz]-(\d.*)$/;
/** Rescue images, and backups of dpkg, rpm and editors, are no new kernels. */
const leftover = /(^0-rescue|\.(old|bak|dpkg-\w+|rpm\w+|hmac|efi\.signed)$|~$)/;

/**
 * The newest kernel that the host could boot. Images in /boot take precedence: a directory of modules
 * outlives its kernel's package if it holds other files.
 */
export async function findNewestKernel(root: string, running: string): Promise<NewestKernel> {
  const reasons: string[] = [];
  for (const list of [kernelImages, moduleDirectories]) {
    const found = await list(root);
    const newest = found.kind === 'releases' ? newestKernel(found.releases, running) : undefined;
    if (newest !== undefined)
      return { kind: 'known', release: cleanText(newest, reportLimits.versionLength) };
    reasons.push(
      found.kind === 'none' ? found.reason : `${found.place} holds no kernel of the flavour of ${running}`,
    );
  }
  return { kind: 'unknown', reason: reasons.join('; ') };
}

type Listing =
  | { readonly kind: 'releases'; readonly place: string; readonly releases: readonly string[] }
  | { readonly kind: 'none'; readonly reason: string };

async function kernelImages(root: string): Promise<Listing> {
  return listing(root, 'boot', (entry) => image.exec(entry.name)?.[1]);
}

async function moduleDirectories(root: string): Promise<Listing> {
  return listing(root, 'lib/modules', (entry) =>
    entry.isDirectory() && /^\d/.test(entry.name) ? entry.name : undefined,
  );
}

interface Entry {
  readonly name: string;
  isDirectory(): boolean;
}

async function listing(
  root: string,
  name: string,
  releaseOf: (entry: Entry) => string | undefined,
): Promise<Listing> {
  const place = await locate(root, name);
  if (place.kind !== 'found') return { kind: 'none', reason: `${name} is not there` };
  try {
    const entries = await readdir(place.path, { withFileTypes: true });
    const releases = entries
      .map(releaseOf)
      .filter((release) => release !== undefined && !leftover.test(release));
    if (releases.length === 0) return { kind: 'none', reason: `${name} holds no kernel` };
    return { kind: 'releases', place: name, releases: releases.filter((release) => release !== undefined) };
  } catch (error) {
    return { kind: 'none', reason: `${name} cannot be read (${codeOf(error)})` };
  }
}
