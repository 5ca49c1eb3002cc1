import { watch } from 'node:fs';
import { dirname } from 'node:path';

export type WatchFolder = (file: string, signal: AbortSignal, onEvent: () => void) => void;

/**
 * Calls back at events near a file, until `signal` aborts. Its folder is watched, since an update of a
 * mounted ConfigMap replaces a link beside the file. Some file systems report no events, so files are also
 * polled every few seconds.
 */
export const watchFolder: WatchFolder = (file, signal, onEvent) => {
  try {
    const watcher = watch(dirname(file), { persistent: false, signal }, onEvent);
    watcher.once('error', () => watcher.close());
  } catch {
    // The folder does not exist, or the limit of watches is reached; polling finds the change.
  }
};
