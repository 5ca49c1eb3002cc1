import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The logs of containers, kept when a kubelet removes them together with their pod. */
export interface PodLogs {
  /** The lines of all containers of the pods whose names begin so, on all machines, in order of time. */
  lines(namespace: string, pod: string): readonly string[];
  stop(): void;
}

export interface PodLogsOptions {
  /** Folder for kept logs: on the disk of the machines, since they are hard links. */
  readonly folder: string;
  /** The folders of the machines' pods' logs. */
  readonly machines: readonly string[];
}

const pollInterval = 100;

export function keepPodLogs({ folder, machines }: PodLogsOptions): PodLogs {
  mkdirSync(folder, { recursive: true });
  const keepNew = (): void => machines.forEach((machine, index) => keepAll(machine, `${index}`));
  const keepAll = (machine: string, prefix: string): void => {
    for (const pod of names(machine))
      for (const container of names(join(machine, pod)))
        for (const file of names(join(machine, pod, container)))
          keep(join(machine, pod, container, file), join(folder, `${pod}_${container}_${prefix}_${file}`));
  };
  const timer = setInterval(keepNew, pollInterval);
  return {
    lines(namespace, pod) {
      keepNew();
      return names(folder)
        .filter((name) => name.startsWith(`${namespace}_${pod}`))
        .flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'))
        .filter((line) => line !== '')
        .toSorted((a, b) => (a < b ? -1 : 1))
        .map((line) => line.replace(/^\S+ \S+ \S /, ''));
    },
    stop: () => clearInterval(timer),
  };
}

const names = (folder: string): readonly string[] => {
  try {
    return readdirSync(folder);
  } catch {
    // Already removed by the kubelet, or not created yet.
    return [];
  }
};

function keep(from: string, to: string): void {
  if (existsSync(to)) return;
  try {
    linkSync(from, to);
  } catch {
    // Removed between two polls: nothing is left to keep.
  }
}
