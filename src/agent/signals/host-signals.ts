import { readdir } from 'node:fs/promises';
import { reportLimits, type SignalReading } from '../../reboot/nodes/node-report.ts';
import { cleanText } from '../host/clean-text.ts';
import { codeOf, locate, readWord } from '../host/host-files.ts';
import type { NewestKernel } from '../packages/installed-kernels.ts';
import { compareKernels, newestKernel } from '../packages/kernel-version.ts';
import { readSentinel, type Sentinel } from './sentinel.ts';

/**
 * Written by zypp-boot-plugin and transactional-update. It holds what is sufficient: a reboot, a kexec, a
 * restart of user space.
 */
export const suseSentinel = 'run/reboot-needed';
/** Written at boot on every host deployed by ostree. */
const ostreeBooted = 'run/ostree-booted';
export const ostreeStaged = 'run/ostree/staged-deployment';
const modules = 'lib/modules';

/** The last millisecond that RFC 3339 can express (year 9999). */
const maxTimestamp = 253_402_300_799_999;

/** The signals read from files. Those that do not apply to this host are left out. */
export async function readFileSignals(
  root: string,
  sentinel: Sentinel,
  kernel: { readonly running: string; readonly newest: NewestKernel },
): Promise<readonly SignalReading[]> {
  const ostree = await readOstree(root);
  return [
    sentinelReading('sentinel', sentinel),
    kernelReading(kernel),
    await readModules(root, kernel.running),
    await readSuse(root),
    ...(ostree === undefined ? [] : [ostree]),
  ];
}

const reading = (
  name: string,
  required: SignalReading['required'],
  reason?: string,
  since?: string,
): SignalReading => ({
  name,
  required,
  ...(reason === undefined ? {} : { reason: cleanText(reason, reportLimits.reasonLength) }),
  ...(since === undefined ? {} : { since }),
});

function sentinelReading(name: string, sentinel: Sentinel, says?: string): SignalReading {
  if (sentinel.required === 'unknown') return reading(name, 'unknown', sentinel.reason);
  if (sentinel.required === 'no') return reading(name, 'no');
  return reading(name, 'yes', says, timeOf(sentinel.since));
}

/** As RFC 3339; undefined if that cannot express it, since a file may have any time. */
export const timeOf = (ms: number): string | undefined =>
  ms >= 0 && ms <= maxTimestamp ? new Date(ms).toISOString() : undefined;

function kernelReading({ running, newest }: Parameters<typeof readFileSignals>[2]): SignalReading {
  if (newest.kind === 'unknown') return reading('kernel', 'unknown', newest.reason);
  return (compareKernels(newest.release, running) ?? 0) > 0
    ? reading('kernel', 'yes', `Kernel ${newest.release} is installed and ${running} runs`)
    : reading('kernel', 'no');
}

/**
 * Arch removes the modules of the old kernel on an upgrade: modules not loaded by then cannot be loaded in
 * this boot.
 */
async function readModules(root: string, running: string): Promise<SignalReading> {
  const place = await locate(root, modules);
  if (place.kind !== 'found') {
    const why = place.kind === 'unreadable' ? `cannot be looked at (${place.code})` : 'is not there';
    return reading('modules', 'unknown', `The host's directory ${modules} ${why}`);
  }
  try {
    const entries = await readdir(place.path);
    if (entries.includes(running)) return reading('modules', 'no');
    if (entries.length === 0) return reading('modules', 'unknown', `${modules} is empty`);
    // A kernel provided from outside of the host never had modules there.
    if (newestKernel(entries, running) === undefined)
      return reading('modules', 'unknown', `${modules} holds no kernel of the flavour of ${running}`);
    return reading('modules', 'yes', `The modules of the running kernel ${running} are gone`);
  } catch (error) {
    return reading('modules', 'unknown', `${modules} cannot be read (${codeOf(error)})`);
  }
}

const suseLevels = new Set(['reboot', 'kexec', 'soft-reboot']);

async function readSuse(root: string): Promise<SignalReading> {
  const sentinel = await readSentinel(root, suseSentinel);
  if (sentinel.required !== 'yes') return sentinelReading('suse', sentinel);
  const found = await locate(root, sentinel.path);
  // The existence of the file is the signal. Its content is only informative, since a reboot satisfies every
  // level.
  const level = found.kind === 'found' ? await readWord(found.path).catch(() => '') : '';
  return sentinelReading('suse', sentinel, suseLevels.has(level) ? `A ${level} would do` : undefined);
}

/** Undefined on a host that was not booted by ostree. */
async function readOstree(root: string): Promise<SignalReading | undefined> {
  const host = await locate(root, ostreeBooted);
  if (host.kind === 'absent') return undefined;
  const staged = await locate(root, ostreeStaged);
  if (staged.kind === 'absent') return reading('ostree', 'no');
  if (staged.kind !== 'found') {
    const why = staged.kind === 'unreadable' ? staged.code : 'the link leads nowhere';
    return reading('ostree', 'unknown', `${ostreeStaged} cannot be looked at (${why})`);
  }
  return reading('ostree', 'yes', 'A deployment is staged', timeOf(staged.stats.mtimeMs));
}

/** For the output of kubectl. */
export function askingOf(readings: readonly SignalReading[]): string | undefined {
  const names = readings.filter(({ required }) => required === 'yes').map(({ name }) => name);
  return names.length === 0 ? undefined : cleanText(names.join(', '), reportLimits.reasonLength);
}
