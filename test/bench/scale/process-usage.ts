// What the kernel says of a process: CPU time and memory.
import { readFileSync } from 'node:fs';

export interface Usage {
  /** In seconds, user and system. */
  readonly cpu: number;
  /** In MB. */
  readonly rss: number;
  readonly highWater: number;
}

/** USER_HZ is 100 on every Linux that Node runs on (man 7 time). */
const ticksPerSecond = 100;

export function usageOf(pid: number): Usage {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name of the program, in parentheses, may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const megabytes = (name: string): number =>
    Math.round(Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? Number.NaN) / 1024);
  return {
    cpu: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond,
    rss: megabytes('VmRSS'),
    highWater: megabytes('VmHWM'),
  };
}
