import { describe, expect, it } from 'vitest';
import { readConfigFile } from '../../src/config/config-file.ts';
import type { Problem } from '../../src/config/checks/problems.ts';
import { policyOf } from '../../src/config/read-policy.ts';
import { clusterSignals } from '../../src/reboot/policy/pool-signal.ts';
import { day, hour, minute } from '../../src/reboot/time/time.ts';

function read(pool: string): { readonly problems: readonly Problem[]; readonly pool: unknown } {
  const problems: Problem[] = [];
  const text = `pools: [{ name: workers, ${pool} }]`;
  const file = readConfigFile({ readFile: () => text }, 'tugboot.yaml', problems);
  return { problems, pool: file && policyOf(file, 'C0OPS').pools[0] };
}

describe('the signals of a pool', () => {
  it('are the sentinel where nothing is said, unreadable for 15 min at most', () => {
    expect(read('approval: manual').pool).toMatchObject({
      signals: [{ kind: 'reported', name: 'sentinel' }],
      unknownFor: 15 * minute,
    });
  });

  it('are names, commands, conditions, labels and annotations, and an uptime', () => {
    const { problems, pool } = read(`
      signals:
        [ sentinel, kernel, dnf, kured,
          { command: firmware },
          { condition: DiskFailing },
          { condition: NetworkHealthy, status: "False" },
          { label: example.com/reboot, value: "yes" },
          { annotation: example.com/please } ],
      maxUptime: 60d, unknownFor: 1h`);
    expect(problems).toEqual([]);
    expect(pool).toMatchObject({
      unknownFor: hour,
      signals: [
        { kind: 'reported', name: 'sentinel' },
        { kind: 'reported', name: 'kernel' },
        { kind: 'reported', name: 'dnf' },
        { kind: 'condition', name: 'kured', type: 'kured.dev/RebootRequired', status: 'True' },
        { kind: 'reported', name: 'firmware' },
        { kind: 'condition', name: 'DiskFailing', type: 'DiskFailing', status: 'True' },
        { kind: 'condition', name: 'NetworkHealthy', type: 'NetworkHealthy', status: 'False' },
        { kind: 'label', name: 'example.com/reboot', key: 'example.com/reboot', value: 'yes' },
        { kind: 'annotation', name: 'example.com/please', key: 'example.com/please' },
        { kind: 'uptime', name: 'uptime', longest: 60 * day },
      ],
    });
  });

  it('may be none: then only people ask', () => {
    expect(read('signals: []').pool).toMatchObject({ signals: [] });
  });

  it.each(clusterSignals.map(({ name }) => name))('know the preset %s', (name) => {
    const { pool } = read(`signals: [${name}]`);
    expect(pool).toMatchObject({ signals: clusterSignals.filter((signal) => signal.name === name) });
  });

  it.each([
    ['signals: [sentinal]', 'Signals are names (sentinel, kernel,'],
    ['signals: sentinel', 'Signals are a list.'],
    ['signals: [{ condition: RebootRequired }]', 'Tugboot itself writes the condition RebootRequired'],
    ['signals: [kernel, { command: kernel }]', '"kernel" is named twice.'],
    ['signals: [{ label: "bad key!" }]', 'Keys of a label look like'],
    ['signals: [7]', 'Signals are names'],
    ['maxUptime: 5m', 'at least 1h'],
    ['maxUptime: long', 'at least 1h'],
    ['unknownFor: soon', 'Durations look like'],
  ])('%s is refused in words', (pool, message) => {
    const { problems } = read(pool);
    expect(problems.map((problem) => problem.message).join('\n')).toContain(message);
  });
});
