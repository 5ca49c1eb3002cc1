/** Programs that tests need beyond Linux, Node and npm, by the package of Debian that brings them. */
import process from 'node:process';
import { onPath } from '../../demo/environment/queue-server.ts';

const packages = {
  'redis-server': 'redis-server',
  chromium: 'chromium',
  prometheus: 'prometheus',
  'prometheus-alertmanager': 'prometheus-alertmanager',
  etcd: 'etcd-server',
} as const;

export type NeededProgram = keyof typeof packages;

/** Other names under which distributions install them. */
const aliases: Readonly<Partial<Record<NeededProgram, readonly string[]>>> = {
  chromium: ['chromium-browser'],
};

const namesOf = (program: NeededProgram): readonly string[] => [program, ...(aliases[program] ?? [])];

/** Every file name that a machine without these programs has not. */
export const neededNames: readonly string[] = (Object.keys(packages) as NeededProgram[]).flatMap(namesOf);

export function findProgram(program: NeededProgram, path = process.env['PATH'] ?? ''): string | undefined {
  return namesOf(program)
    .map((name) => onPath(name, path))
    .find((file) => file !== undefined);
}

/** What a machine lacks for tests that need these programs; undefined where all are there. */
export function lackOf(...programs: readonly [NeededProgram, ...NeededProgram[]]): string | undefined {
  const missing = programs.filter((program) => findProgram(program) === undefined);
  if (missing.length === 0) return undefined;
  const install = missing.map((program) => packages[program]).join(' ');
  return `${missing.join(' and ')} not on PATH (Debian: apt-get install ${install})`;
}
