import { watch, type FSWatcher } from 'node:fs';
import { basename, posix } from 'node:path';
import { createBackoff, createWake, type Timers } from '../timers.ts';
import type { Host, HostPaths } from './host.ts';
import { suseSentinel } from '../signals/host-signals.ts';
import { codeOf, locate } from './host-files.ts';
import type { Notices } from '../log.ts';

export interface HostWatchDeps {
  readonly paths: Pick<HostPaths, 'root' | 'sentinel'>;
  readonly host: Pick<Host, 'fingerprint'>;
  readonly timers: Timers;
  readonly notices: Notices;
  /** Interval between two fingerprints when no event arrives, in milliseconds. */
  readonly restat: number;
  readonly onChange: () => void;
}

/** The package list is written right after the sentinel: this delay puts both into one report. */
const debounce = 40;
/** Upper bound of the polling interval while the directory cannot be watched. */
const longestBlind = 5_000;

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
export async function watchHost(deps: HostWatchDeps, signal: AbortSignal): Promise<void> {
  const wake = createWake(deps.timers);
  const blind = createBackoff({
    first: 250,
    longest: Math.min(longestBlind, deps.restat),
    random: deps.timers.random,
  });
  const events = createEvents(deps, wake.ring);
  let armed: Armed | undefined;
  let last: string | undefined;
  while (!signal.aborted) {
    armed = await rearm(deps, armed, events.listener);
    const print = await deps.host.fingerprint();
    if (print !== last && !signal.aborted) deps.onChange();
    last = print;
    if (armed !== undefined) blind.reset();
    await wake.sleep(armed === undefined ? blind.next() : deps.restat, signal);
  }
  events.stop();
  armed?.watcher.close();
}

type Listener = (armedPath: string, filename: string | null) => void;

function createEvents(deps: HostWatchDeps, lookAgain: () => void): { listener: Listener; stop: () => void } {
  const sentinel = posix.basename(deps.paths.sentinel);
  // Other signal files in the same directory are covered by its watch. Those elsewhere are found by the poll.
  const ours = new Set<string | null>([
    sentinel,
    `${sentinel}.pkgs`,
    posix.basename(suseSentinel),
    'ostree',
    null,
  ]);
  let callOff: (() => void) | undefined;
  return {
    listener(path, filename) {
      // An event with the directory's own name: it was removed or unmounted.
      if (filename === basename(path)) lookAgain();
      // The delay runs from the first event, so that a busy writer cannot postpone the report.
      if (!ours.has(filename) || callOff !== undefined) return;
      callOff = deps.timers.after(debounce, () => {
        callOff = undefined;
        deps.onChange();
      });
    },
    stop: () => callOff?.(),
  };
}

async function rearm(
  deps: HostWatchDeps,
  armed: Armed | undefined,
  listener: Listener,
): Promise<Armed | undefined> {
  const directory = posix.dirname(deps.paths.sentinel);
  const home = await locate(deps.paths.root, directory);
  const inode = home.kind === 'found' ? `${home.stats.dev} ${home.stats.ino}` : undefined;
  if (armed !== undefined && armed.inode === inode) return armed;
  armed?.watcher.close();
  if (home.kind !== 'found' || inode === undefined) {
    deps.notices.say('watch', 'warn', 'the directory of the sentinel is not there', { directory });
    return undefined;
  }
  try {
    const watcher = watch(home.path, (_event, filename) => listener(home.path, filename));
    // Errors of the watch itself arrive here; the next iteration re-arms it or polls.
    watcher.on('error', () => listener(home.path, basename(home.path)));
    deps.notices.settle('watch', 'the directory of the sentinel is watched again', { directory });
    return { watcher, path: home.path, inode };
  } catch (error) {
    // ENOSPC: the limit of inotify watches for this user is reached. Polling replaces the watch.
    deps.notices.say('watch', 'warn', 'the directory of the sentinel cannot be watched', {
      directory,
      why: codeOf(error),
    });
    return undefined;
  }
}
