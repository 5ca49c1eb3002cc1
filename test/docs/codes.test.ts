import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { failureCodes } from '../../src/reboot/state/states.ts';
import { commandPresetNames, hostSignalNames } from '../../src/reboot/nodes/host-signals.ts';
import { clusterSignals } from '../../src/reboot/policy/pool-signal.ts';
import { logSections } from '../../scripts/generate/log-events/log-events.ts';
import { found, pages, read, root, rows, section } from './pages.ts';

/**
 * The members of a union of string literals, as the source has it: types leave nothing behind to ask at run
 * time.
 */
function membersOf(path: string, type: string): readonly string[] {
  const declared = new RegExp(`export type ${type} =([^;]+);`).exec(read(path))?.[1] ?? '';
  const members = found(declared, /'([a-z-]+)'/g);
  if (members.length === 0) throw new Error(`${path} declares no union ${type}`);
  return members;
}

function sourcesIn(directory: string): string {
  const files = readdirSync(join(root, directory), { withFileTypes: true, recursive: true });
  return files
    .filter((file) => file.isFile() && file.name.endsWith('.ts'))
    .map((file) => read(join(file.parentPath.slice(root.length + 1), file.name)))
    .join('\n');
}

const operations = read('docs/operations.md');
const isReserved = (row: readonly string[]): boolean => row[1]?.startsWith('*reserved*') === true;
const bare = (cell: string | undefined): string => (cell ?? '').replaceAll('`', '');

describe.each([
  {
    what: 'blocker',
    heading: '## Blockers',
    codes: membersOf('src/reboot/scheduling/blockers/blockers.ts', 'BlockerCode'),
    givenIn: [
      'src/reboot/scheduling/gates',
      'src/reboot/nodes/workloads.ts',
      'src/reboot/card/why.ts',
      'src/gates',
      'src/k8s/gatekeeper.ts',
      'src/k8s/gates',
    ],
  },
  {
    what: 'failure',
    heading: '## Failures',
    codes: failureCodes,
    givenIn: ['src/reboot/machine', 'src/reboot/proof', 'src/k8s/drain'],
  },
])('every $what', ({ heading, codes, givenIn }) => {
  const explained = rows(section(operations, heading));

  it('is explained in operations.md, and nothing else is', () => {
    expect(explained.map(([code]) => bare(code)).toSorted()).toEqual(codes.toSorted());
  });

  it('says what it means and what can be done', () => {
    expect(explained.filter(([, means = '', then = '']) => means.length < 10 || then.length < 5)).toEqual([]);
  });

  it('is called reserved if, and only if, no code gives it', () => {
    const sources = givenIn
      .map((place) => (place.endsWith('.ts') ? read(place) : sourcesIn(place)))
      .join('\n');
    const unused = codes.filter((code) => !sources.includes(`'${code}'`));
    expect(
      explained
        .filter(isReserved)
        .map(([code]) => bare(code))
        .toSorted(),
    ).toEqual(unused.toSorted());
  });
});

describe('every signal that has a name', () => {
  it('is explained in operations.md', () => {
    const cells = rows(section(operations, '## Signals')).map(([cell = '']) => cell);
    const explained = new Set(cells.flatMap((cell) => found(cell, /`([^`]+)`/g)));
    const names = [...hostSignalNames, ...commandPresetNames, ...clusterSignals.map(({ name }) => name)];
    expect(names.filter((name) => !explained.has(name))).toEqual([]);
  });
});

describe('the log messages that pages search for', () => {
  const known = new Set(logSections.flatMap(({ events }) => Object.keys(events)));
  const searched = pages.flatMap(({ path, text }) =>
    [...text.matchAll(/logs [^\n]*\| grep '([a-z][^']+)'/g)].map(([, message]) => ({ path, message })),
  );

  it('are ones that Tugboot writes', () => {
    expect(searched.length).toBeGreaterThan(4);
    expect(searched.filter(({ message }) => !known.has(message ?? ''))).toEqual([]);
  });
});
