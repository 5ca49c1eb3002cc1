import { expect, it } from 'vitest';
import { liveConfig } from '../../src/config/live-config.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { LogFields } from '../../src/reboot/ports/logger.ts';
import { fakeClock } from '../fakes/fake-clock.ts';
import { silentLogger } from '../fakes/silent-logger.ts';

const env = {
  SLACK_BOT_TOKEN: 'xoxb-1-2-abc',
  SLACK_APP_TOKEN: 'xapp-1-A-1-abc',
  TUGBOOT_CONFIG: '/etc/tugboot.yaml',
};

function open(text: string) {
  const file = { text };
  const said: (LogFields | undefined)[] = [];
  const read = () => loadConfig({ env, readFile: () => file.text });
  const logger = { ...silentLogger, error: (_: string, fields?: LogFields) => void said.push(fields) };
  return { file, said, live: liveConfig(read(), { read, logger, clock: fakeClock() }) };
}
const good = 'channel: C0FILE123\npools:\n  - name: workers\n    concurrency: 1\n';

it('takes a file that has changed, as a whole', () => {
  const { file, live } = open(good);
  expect(live.reload()).toBe('same');
  file.text = good.replace('concurrency: 1', 'concurrency: 3');
  expect(live.reload()).toBe('taken');
  expect(live.current().clusters[0].policy.pools[0]?.concurrency).toBe(3);
  expect(live.reload()).toBe('same');
});

it('takes nothing of a bad one, says once what is wrong, and keeps the one before', () => {
  const { file, live, said } = open(good);
  file.text = good.replace('concurrency: 1', 'concurrency: none').replace('workers', 'WORKERS');
  expect(live.reload()).toBe('refused');
  expect(live.reload()).toBe('refused');
  expect(live.current().clusters[0].policy.pools[0]).toMatchObject({ name: 'workers', concurrency: 1 });
  expect(said).toHaveLength(1);
  expect(live.refused()?.problem).toMatch(/pools\[0\]\.name[\s\S]*pools\[0\]\.concurrency/);
  file.text = good;
  expect(live.reload()).toBe('same');
  expect(live.refused()?.problem).toBeUndefined();
});

it('tells versions of the file apart, also where they are refused for the same', () => {
  const { file, live, said } = open(good);
  const refusedAs = (text: string) => {
    file.text = text;
    expect(live.reload()).toBe('refused');
    return live.refused();
  };
  const bad = good.replace('concurrency: 1', 'concurrency: none');
  const first = refusedAs(bad);
  expect(refusedAs(bad)).toBe(first);
  const second = refusedAs(`# still wrong\n${bad}`);
  expect(second?.problem).toBe(first?.problem);
  expect(second?.version).not.toBe(first?.version);
  expect(said).toHaveLength(2);
});

it('does not rename the cluster while it runs: its name is part of what is stored', () => {
  const { file, live } = open(good);
  file.text = `cluster: other\n${good}`;
  expect(live.reload()).toBe('refused');
  expect(live.current().clusters[0].policy.cluster).toBe('default');
  expect(live.refused()?.problem).toContain('Restart');
});

const clusters = (...lines: readonly string[]): string =>
  `channel: C0FILE123\nclusters:\n${lines.join('\n')}\n`;

it('takes clusters that come and go', () => {
  const [one, two] = ['  - { name: one, context: one }', '  - { name: two, context: two }'];
  const { file, live } = open(clusters(one));
  file.text = clusters(one, two);
  expect(live.reload()).toBe('taken');
  file.text = clusters(two);
  expect(live.reload()).toBe('taken');
  expect(live.current().clusters.map(({ policy }) => policy.cluster)).toEqual(['two']);
});

it('does not rename one of several clusters, nor reach it in another way', () => {
  const { file, live } = open(clusters('  - { name: one, context: one }', '  - { name: two, context: two }'));
  file.text = clusters('  - { name: uno, context: one }', '  - { name: two, context: two }');
  expect(live.reload()).toBe('refused');
  file.text = clusters('  - { name: one, context: other }', '  - { name: two, context: two }');
  expect(live.reload()).toBe('refused');
  expect(live.refused()?.problem).toContain('one: How a cluster is reached is not changed');
});
