import { watch, type FSWatcher } from 'node:fs';
import { basename, posix } from 'node:path';
import { createBackoff } from '../../timing/backoff.ts';
import { debounce } from '../../timing/debounce.ts';
import { createNotifier } from '../../timing/notifier.ts';
import { sleepOf, type Timers } from '../timers.ts';
import type { Host, HostPaths } from './host.ts';
import { watchedEntries } from '../signals/host-signals.ts';
import { codeOf, locate } from './host-files.ts';
import type { StateLog } from '../log.ts';

export interface HostWatchDeps {
  readonly paths: Pick<HostPaths, 'root' | 'sentinel'>;
  readonly host: Pick<Host, 'fingerprint'>;
  readonly timers: Timers;
  readonly stateLog: StateLog;
  /** Interval between two fingerprints when no event arrives, in milliseconds. */
  readonly restat: number;
  readonly onChange: () => void;
}

export type WatchHost = (deps: HostWatchDeps, signal: AbortSignal) => Promise<void>;

/** The package list is written right after the sentinel: this delay puts both into one report. */
const settle = 40;
/** Upper bound of the polling interval while the directory cannot be watched. */
const maxPollInterval = 5_000;

interface Armed {
  readonly watcher: FSWatcher;
  readonly path: string;
  /**
   * A directory that was removed and recreated has another inode, and inotify stops reporting without an
   * error.
   */
  readonly inode: string;
}

/**
 * Calls `onChange` once at the start and whenever the host's files may have changed, until the signal aborts.
 * The watch is on the directory, because a file that does not exist cannot be watched. A slow poll covers
 * what inotify does not report.
 */
export const watchHost: WatchHost = async (deps, signal) => {
  const wake = createNotifier(sleepOf(deps.timers));
  const most = Math.min(maxPollInterval, deps.restat);
  const pollBackoff = createBackoff({ first: 250, most, factor: 2 }, deps.timers.random);
  const listener = createListener(deps, wake.notify, signal);
  let armed: Armed | undefined;
  let last: string | undefined;
  while (!signal.aborted) {
    armed = await rearm(deps, armed, listener);
    const print = await deps.host.fingerprint();
    if (print !== last && !signal.aborted) deps.onChange();
    last = print;
    if (armed !== undefined) pollBackoff.reset();
    await wake.wait(armed === undefined ? pollBackoff.next() : deps.restat, signal);
  }
  armed?.watcher.close();
};

type Listener = (armedPath: string, filename: string | null) => void;

function createListener(deps: HostWatchDeps, rescan: () => void, signal: AbortSignal): Listener {
  const watched = watchedEntries(deps.paths);
  // The delay runs from the first event, so that a busy writer cannot postpone the report.
  const changed = debounce({ sleep: sleepOf(deps.timers), after: settle, signal }, async () =>
    deps.onChange(),
  );
  return (path, filename) => {
    // An event with the directory's own name: it was removed or unmounted.
    if (filename === basename(path)) rescan();
    if (filename === null || watched.has(filename)) changed();
  };
}

async function rearm(
  deps: HostWatchDeps,
  armed: Armed | undefined,
  listener: Listener,
): Promise<Armed | undefined> {
  const directory = posix.dirname(deps.paths.sentinel);
  const located = await locate(deps.paths.root, directory);
  const inode = located.kind === 'found' ? `${located.stats.dev} ${located.stats.ino}` : undefined;
  if (armed !== undefined && armed.inode === inode) return armed;
  armed?.watcher.close();
  if (located.kind !== 'found' || inode === undefined) {
    deps.stateLog.raise('watch', 'warn', 'the directory of the sentinel is not there', { directory });
    return undefined;
  }
  try {
    const watcher = watch(located.path, (_event, filename) => listener(located.path, filename));
    // Errors of the watch itself arrive here; the next iteration re-arms it or polls.
    watcher.on('error', () => listener(located.path, basename(located.path)));
    deps.stateLog.clear('watch', 'the directory of the sentinel is watched again', { directory });
    return { watcher, path: located.path, inode };
  } catch (error) {
    // ENOSPC: the limit of inotify watches for this user is reached. Polling replaces the watch.
    deps.stateLog.raise('watch', 'warn', 'the directory of the sentinel cannot be watched', {
      directory,
      why: codeOf(error),
    });
    return undefined;
  }
}
