import type { Stats } from 'node:fs';
import { join } from 'node:path';
import { describeProcess, type DescribedProcess } from '../host/describe-process.ts';
import { readBounded } from '../host/host-files.ts';

export interface FileLock extends DescribedProcess {
  readonly major: number;
  readonly minor: number;
  readonly inode: number;
  /** It belongs to an open file description: the kernel names no process. */
  readonly anonymous: boolean;
}

/** A busy host holds some hundreds of locks, in lines of some 60 characters. */
const longest = 1024 * 1024;
const lockPattern = /^\d+: (POSIX|OFDLCK)\s+\S+\s+WRITE\s+(-?\d+) ([0-9a-f]+):([0-9a-f]+):(\d+) /gm;

/**
 * Write locks of fcntl(2), which package managers take; none of them uses flock(2). The kernel omits locks of
 * processes outside the reader's PID namespace (fs/locks.c, since Linux 4.9): without hostPID the list is
 * empty.
 */
export async function readFileLocks(proc: string): Promise<readonly FileLock[]> {
  const content = await readBounded(join(proc, 'locks'), longest);
  const text = content.kind === 'content' ? content.bytes.toString('latin1') : '';
  return Promise.all(
    [...text.matchAll(lockPattern)].map(async ([, kind, pid, major = '', minor = '', inode]) => ({
      ...(await describeProcess(proc, Number(pid))),
      major: Number.parseInt(major, 16),
      minor: Number.parseInt(minor, 16),
      inode: Number(inode),
      anonymous: kind === 'OFDLCK',
    })),
  );
}

/** Major and minor number of a device, decoded as in glibc (makedev(3)). */
export function deviceOf(dev: number): { readonly major: number; readonly minor: number } {
  const bits = BigInt(dev);
  return {
    major: Number(((bits >> 8n) & 0xfffn) | ((bits >> 32n) & ~0xfffn)),
    minor: Number((bits & 0xffn) | ((bits >> 12n) & 0xffffff00n)),
  };
}

/**
 * On btrfs stat(2) returns a device per subvolume, and /proc/locks that of the whole file system. Both are
 * devices without a driver (major number 0).
 */
export function isLockOn(lock: FileLock, { ino, dev }: Pick<Stats, 'ino' | 'dev'>): boolean {
  const { major, minor } = deviceOf(dev);
  if (lock.inode !== ino || lock.major !== major) return false;
  return lock.minor === minor || (major === 0 && !lock.contained);
}
