import { join } from 'node:path';
import { readWord } from './host-files.ts';

export interface DescribedProcess {
  readonly pid: number;
  /** The command name of the process (proc_pid_comm(5)); undefined if it cannot be read. */
  readonly name: string | undefined;
  /** The process runs in a container, with files of its own. */
  readonly contained: boolean;
}

/**
 * A process in a container has a PID of its own beside the host's (NSpid, proc_pid_status(5)) or, if the pod
 * has hostPID, a cgroup of the container runtime.
 */
export async function describeProcess(proc: string, pid: number): Promise<DescribedProcess> {
  const of = (name: string, limit: number): Promise<string> =>
    readWord(join(proc, String(pid), name), limit).catch(() => '');
  const [name, status, cgroup] = await Promise.all([
    of('comm', 64),
    of('status', 8_192),
    of('cgroup', 8_192),
  ]);
  const namespaces = /^NSpid:\s*(.*)$/m.exec(status)?.[1]?.split(/\s+/).length ?? 1;
  // The container of the agent itself, in a cgroup namespace of its own. Beside controllers of cgroup v1 the
  // line says nothing: there every process of the host may be at the root of the unified hierarchy.
  const isOwn = cgroup.trim() === '0::/';
  const contained =
    namespaces > 1 || isOwn || /kubepods|\/pod[0-9a-f]{8}|cri-containerd|crio-|docker-/.test(cgroup);
  return { pid, name: name === '' ? undefined : name, contained };
}
