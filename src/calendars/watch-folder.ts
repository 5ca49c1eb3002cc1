import { watch } from 'node:fs';
import { dirname } from 'node:path';

export type WatchFolder = (file: string, signal: AbortSignal, onEvent: () => void) => void;

/**
 * Tells of changes near a file, until `signal` aborts. Its folder is watched, since a mounted ConfigMap
 * changes by a link beside the file. May tell of nothing: folders of some file systems cannot be watched,
 * which is why files are looked at every few seconds all the same.
 */
export const watchFolder: WatchFolder = (file, signal, onEvent) => {
  try {
    const watcher = watch(dirname(file), { persistent: false, signal }, onEvent);
    watcher.once('error', () => watcher.close());
  } catch {
    // No such folder, or no more watches to be had: the look every few seconds finds the change.
  }
};
