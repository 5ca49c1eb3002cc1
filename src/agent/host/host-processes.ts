import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describeProcess } from './describe-process.ts';
import { readBounded, readWord } from './host-files.ts';

export interface HostProcess {
  readonly pid: number;
  readonly name: string;
}

/** An upper bound: the services of a host are few, but a host with pods has thousands of processes. */
const mostProcesses = 4_096;
const batchSize = 64;

/**
 * Processes of the host with one of these command names (proc_pid_comm(5)), without those in containers. All
 * processes, or the children of PID 1 only, which are the services.
 */
export async function findHostProcesses(
  proc: string,
  isWanted: (name: string) => boolean,
  among: 'services' | 'all',
): Promise<readonly HostProcess[]> {
  const pids = (among === 'services' ? await servicesOf(proc) : undefined) ?? (await allOf(proc));
  const found: HostProcess[] = [];
  for (let from = 0; from < pids.length; from += batchSize) {
    const named = await Promise.all(
      pids.slice(from, from + batchSize).map(async (pid) => ({ pid, name: await nameOf(proc, pid) })),
    );
    for (const each of named)
      if (isWanted(each.name) && !(await describeProcess(proc, each.pid)).contained) found.push(each);
  }
  return found;
}

const nameOf = (proc: string, pid: number): Promise<string> =>
  readWord(join(proc, String(pid), 'comm'), 64).catch(() => '');

/** Undefined where the kernel, without CONFIG_PROC_CHILDREN, does not list them. */
async function servicesOf(proc: string): Promise<readonly number[] | undefined> {
  const children = await readBounded(join(proc, '1/task/1/children'), 64 * 1024).catch(() => undefined);
  return children?.kind === 'content' ? pidsIn(children.bytes.toString('latin1').split(/\s+/)) : undefined;
}

const allOf = async (proc: string): Promise<readonly number[]> => pidsIn(await readdir(proc));

const pidsIn = (names: readonly string[]): readonly number[] =>
  names
    .filter((name) => /^\d{1,10}$/.test(name))
    .slice(0, mostProcesses)
    .map(Number);
