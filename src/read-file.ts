import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';

/** Bytes. No configuration, token or kubeconfig is larger. */
const largest = 4 * 1024 * 1024;

/** Why a file is not read although it can be opened; the code is for people. */
class FileRefused extends Error {
  override readonly name = 'FileRefused';
  readonly code: string;

  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

/**
 * Text of a regular file. A FIFO or a device, which may never end, is refused at once: opening does not wait
 * for whoever writes into it.
 */
export function readRegularFile(path: string): string {
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = fstatSync(file);
    if (stats.isDirectory()) throw new FileRefused('it is a directory');
    if (!stats.isFile()) throw new FileRefused('it is no regular file');
    if (stats.size > largest) throw new FileRefused('it is larger than 4 MB');
    return readFileSync(file, 'utf8');
  } finally {
    closeSync(file);
  }
}
