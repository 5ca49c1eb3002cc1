import { watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Logger } from '../reboot/ports/logger.ts';

export interface Touched {
  readonly path: string;
  readonly signal: AbortSignal;
  readonly logger: Logger;
  readonly callback: () => void;
}

/**
 * Calls back when the file may have been replaced: itself, or, as in a mounted ConfigMap, the folder that its
 * path resolves to. Some file systems report no events, so callers must poll as well.
 */
export function fileTouched({ path, signal, logger, callback }: Touched): void {
  // The kubelet swaps the link `..data` (Kubernetes, "Mounted ConfigMaps are updated automatically").
  const names = new Set([basename(path), '..data']);
  try {
    const watcher = watch(dirname(path), { persistent: false, signal }, (_event, name) => {
      if (name === null || names.has(name)) callback();
    });
    watcher.on('error', (error) =>
      logger.debug('the configuration file is not watched any more', { err: error }),
    );
  } catch (error) {
    logger.debug('the configuration file cannot be watched', { err: error });
  }
}
