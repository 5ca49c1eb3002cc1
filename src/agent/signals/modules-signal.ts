import { readdir } from 'node:fs/promises';
import { codeOf, locate } from '../host/host-files.ts';
import { newestKernel } from '../packages/kernel-version.ts';
import { type HostSignal, no, type HostReading, unknown, yes } from './host-signal.ts';

const modules = 'lib/modules';

/**
 * Arch removes the modules of the old kernel on an upgrade: modules not loaded by then cannot be loaded in
 * this boot.
 */
export const modulesOfHost: HostSignal = {
  files: () => [modules],
  async read({ root, kernel: { running } }) {
    const place = await locate(root, modules);
    if (place.kind !== 'found') {
      const why = place.kind === 'unreadable' ? `cannot be looked at (${place.code})` : 'is not there';
      return unknown(`The host's directory ${modules} ${why}`);
    }
    try {
      return readingOf(await readdir(place.path), running);
    } catch (error) {
      return unknown(`${modules} cannot be read (${codeOf(error)})`);
    }
  },
};

function readingOf(entries: readonly string[], running: string): HostReading {
  if (entries.includes(running)) return no;
  if (entries.length === 0) return unknown(`${modules} is empty`);
  // A kernel provided from outside of the host never had modules there.
  if (newestKernel(entries, running) === undefined)
    return unknown(`${modules} holds no kernel of the flavour of ${running}`);
  return yes(`The modules of the running kernel ${running} are gone`);
}
