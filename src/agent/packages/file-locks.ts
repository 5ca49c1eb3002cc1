import { join } from 'node:path';
import { readBounded, readWord } from '../host/host-files.ts';

/** The process that holds a write lock (proc_locks(5)). */
export interface LockHolder {
  readonly pid: number;
  /** The command name of the process (proc_pid_comm(5)); undefined if it cannot be read. */
  readonly name: string | undefined;
}

export interface FileLock extends LockHolder {
  readonly major: number;
  readonly minor: number;
  readonly inode: number;
  /** The process runs in a container, with files of its own. */
  readonly contained: boolean;
}

/** A busy host holds some hundreds of locks, in lines of some 60 characters. */
const longest = 1024 * 1024;
const held = /^\d+: (?:POSIX|OFDLCK)\s+\S+\s+WRITE\s+(-?\d+) ([0-9a-f]+):([0-9a-f]+):(\d+) /gm;

/**
 * Write locks of fcntl(2), which package managers take; none of them uses flock(2). The kernel omits locks of
 * processes outside the reader's PID namespace (fs/locks.c, since Linux 4.9): without hostPID the list is
 * empty.
 */
export async function readFileLocks(proc: string): Promise<readonly FileLock[]> {
  const content = await readBounded(join(proc, 'locks'), longest);
  const text = content.kind === 'content' ? content.bytes.toString('latin1') : '';
  return Promise.all(
    [...text.matchAll(held)].map(async ([, pid, major = '', minor = '', inode]) => ({
      ...(await describeProcess(proc, Number(pid))),
      major: Number.parseInt(major, 16),
      minor: Number.parseInt(minor, 16),
      inode: Number(inode),
    })),
  );
}

/**
 * A process in a container has a PID of its own beside the host's (NSpid, proc_pid_status(5)) or, if the pod
 * has hostPID, a cgroup of the container runtime.
 */
export async function describeProcess(
  proc: string,
  pid: number,
): Promise<LockHolder & { readonly contained: boolean }> {
  const of = (name: string, limit: number): Promise<string> =>
    readWord(join(proc, String(pid), name), limit).catch(() => '');
  const [name, status, cgroup] = await Promise.all([
    of('comm', 64),
    of('status', 8_192),
    of('cgroup', 8_192),
  ]);
  const namespaces = /^NSpid:\s*(.*)$/m.exec(status)?.[1]?.split(/\s+/).length ?? 1;
  const isOwn = /^0::\/$/m.test(cgroup);
  const contained =
    namespaces > 1 || isOwn || /kubepods|\/pod[0-9a-f]{8}|cri-containerd|crio-|docker-/.test(cgroup);
  return { pid, name: name === '' ? undefined : name, contained };
}

/** Major and minor number of a device, decoded as in glibc (makedev(3)). */
export function deviceOf(dev: number): { readonly major: number; readonly minor: number } {
  const bits = BigInt(dev);
  return {
    major: Number(((bits >> 8n) & 0xfffn) | ((bits >> 32n) & ~0xfffn)),
    minor: Number((bits & 0xffn) | ((bits >> 12n) & 0xffffff00n)),
  };
}
