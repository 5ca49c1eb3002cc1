import { PortError } from '../../../src/reboot/ports/port-error.ts';
import type { RebootStore } from '../../../src/reboot/ports/stores.ts';
import type { Reboot } from '../../../src/reboot/state/reboot.ts';
import { toTimestamp } from '../../../src/reboot/time/time.ts';
import { noon } from '../builders.ts';

export interface FakeStore extends RebootStore {
  put(reboot: Reboot): Reboot;
  /** Changes a Reboot as another writer would, so that the next save of an older version conflicts. */
  touch(name: string): void;
  /** Makes a Reboot unreadable, as a manual edit may; undefined repairs it. */
  spoil(name: string, problem: string | undefined): void;
}

const unreadable = (name: string, problem: string): PortError =>
  new PortError(
    'reboot-unreadable',
    `The record of ${name} cannot be read: ${problem}. Mend it, or delete it.`,
    {
      retryable: false,
    },
  );

/** Compare-and-swap on the version, as in the API server; `all` is as fresh as `get`. */
export function fakeStore(now: () => number = () => noon): FakeStore {
  const kept = new Map<string, Reboot>();
  const spoiled = new Map<string, string>();
  let version = 0;
  const write = (reboot: Reboot): Reboot => {
    version += 1;
    // Stored objects are immutable, so they may be shared with readers.
    const stored = structuredClone({ ...reboot, version: String(version) });
    kept.set(reboot.name, stored);
    return stored;
  };
  return {
    put: write,
    touch: (name) => {
      const reboot = kept.get(name);
      if (reboot) write(reboot);
    },
    get: async (name) => {
      const problem = spoiled.get(name);
      if (problem !== undefined) throw unreadable(name, problem);
      return kept.get(name);
    },
    latest: async (name) => {
      const problem = spoiled.get(name);
      if (problem !== undefined) throw unreadable(name, problem);
      return kept.get(name);
    },
    all: () => [...kept.values()].filter(({ name }) => !spoiled.has(name)),
    cached: (name) => (spoiled.has(name) ? undefined : kept.get(name)),
    unreadable: () =>
      [...kept.values()].flatMap(({ name, node, bootId, pool, state: { phase } }) => {
        const problem = spoiled.get(name);
        return problem === undefined ? [] : [{ name, problem, node, bootId, pool, phase }];
      }),
    spoil: (name, problem) => {
      if (problem === undefined) spoiled.delete(name);
      else spoiled.set(name, problem);
    },
    create: async (reboot) => {
      if (kept.has(reboot.name)) return 'exists';
      return write({ ...reboot, uid: `uid-of-${reboot.name}`, createdAt: toTimestamp(now()), version: '' });
    },
    save: async (reboot) => {
      const stored = kept.get(reboot.name);
      if (!stored) return 'gone';
      if (stored.version !== reboot.version) return 'conflict';
      return write(reboot);
    },
    remove: async (name, version) => {
      if (version === undefined || kept.get(name)?.version === version) kept.delete(name);
    },
  };
}
