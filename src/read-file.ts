import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';

/** Bytes; more than any configuration, token or kubeconfig has. */
const largest = 4 * 1024 * 1024;

/** A file that can be opened but is not read; `code` is the reason, for people. */
class FileRefused extends Error {
  override readonly name = 'FileRefused';
  readonly code: string;

  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

/**
 * The text of a regular file. Throws for others: reading a FIFO or a device may never end. O_NONBLOCK keeps
 * the open from waiting for a FIFO's writer.
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
