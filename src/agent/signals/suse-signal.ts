import { locate, readWord } from '../host/host-files.ts';
import type { HostSignal } from './host-signal.ts';
import { sentinelReading } from './sentinel-signal.ts';
import { readSentinel } from './sentinel.ts';

/**
 * Written by zypp-boot-plugin and transactional-update. It holds what is sufficient: a reboot, a kexec, a
 * restart of user space.
 */
const suseSentinel = 'run/reboot-needed';
const levels = new Set(['reboot', 'kexec', 'soft-reboot']);

export const suseOfHost: HostSignal = {
  files: () => [suseSentinel],
  async read({ root }) {
    const sentinel = await readSentinel(root, suseSentinel);
    if (sentinel.required !== 'yes') return sentinelReading(sentinel);
    const found = await locate(root, sentinel.path);
    // The existence of the file is the signal. Its content only informs, since a reboot satisfies every
    // level.
    const level = found.kind === 'found' ? await readWord(found.path).catch(() => '') : '';
    return sentinelReading(sentinel, levels.has(level) ? `A ${level} would do` : undefined);
  },
};
