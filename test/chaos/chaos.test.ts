/**
 * The chaos as CI runs it: in processes of its own, since it takes the clock away. Every schedule that once
 * failed is told again.
 */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import process from 'node:process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { runs } from './fixed-set.ts';
import { jobNamed } from '../../src/jobs/job-names.ts';
import { allPoints, pointOf } from './wire/points.ts';

const run = promisify(execFile);
const chaos = async (...args: readonly string[]): Promise<string> =>
  (await run(process.execPath, ['test/chaos/main.ts', ...args], { maxBuffer: 64 * 1024 * 1024 })).stdout;

const folder = 'test/chaos/regressions';
const kept = readdirSync(folder).filter((name) => name.endsWith('.json'));

describe('schedules of faults, down to the adapters', () => {
  it('break no promise', { timeout: 180_000 }, async () => {
    const { first, schedules } = runs;
    const line = await chaos('--schedules', String(schedules), '--seed', String(first), '--json');
    const sum = JSON.parse(line) as { schedules: number; failures: unknown; phases: string[] };
    expect(sum.failures).toEqual([]);
    expect(sum.schedules).toBe(schedules);
    // Schedules in which nothing happens prove nothing.
    for (const phase of ['Draining', 'Rebooting', 'Settling', 'Succeeded'])
      expect(sum.phases).toContain(phase);
  });

  it(
    'are the same each time: the trace of a seed does not depend on the machine',
    { timeout: 60_000 },
    async () => {
      const [one, other] = await Promise.all([chaos('--trace', '7'), chaos('--trace', '7')]);
      expect(one).toBe(other);
      expect(one.split('\n').length).toBeGreaterThan(100);
    },
  );

  it.each(kept)('that failed once hold: %s', { timeout: 60_000 }, async (name) => {
    const { what } = JSON.parse(readFileSync(`${folder}/${name}`, 'utf8')) as { what: string };
    expect(what).toMatch(/^\d\.[a-z-]+: /);
    expect(await chaos('--replay', `${folder}/${name}`)).toContain('It holds.');
  });
});

describe('the points at which a bot may die', () => {
  const points = allPoints();

  it('are the writes that the chart lets it do, the calls of Slack that show something, and its jobs', () => {
    expect(new Set(points).size).toBe(points.length);
    for (const point of ['patch nodes cordon', 'create pods/eviction', 'update configmaps tugboot-turns'])
      expect(points).toContain(point);
    for (const point of ['patch reboots/status Draining', 'chat.postMessage', 'add drain', 'begin plan'])
      expect(points).toContain(point);
    for (const name of points.flatMap((point) => /^begin (.+)/.exec(point)?.[1] ?? []))
      expect(jobNamed(name)).toBe(name);
  });

  it('are told from each other by what is sent', () => {
    const patch = (path: string, body: unknown) => pointOf('PATCH', path, JSON.stringify(body));
    const cordon = { op: 'add', path: '/spec/unschedulable', value: true };
    expect(patch('/api/v1/nodes/n1', [cordon])).toBe('patch nodes cordon');
    expect(patch('/api/v1/nodes/n1', [{ op: 'replace', path: '/spec/unschedulable', value: false }])).toBe(
      'patch nodes uncordon',
    );
    const agents = '/apis/tugboot.dev/v1alpha1/nodeagents/n1';
    expect(patch(agents, [{ op: 'add', path: '/spec', value: { endBoot: 'b' } }])).toBe(
      'patch nodeagents order',
    );
    expect(patch(agents, [{ op: 'add', path: '/spec', value: {} }])).toBe('patch nodeagents withdraw');
    expect(pointOf('GET', '/api/v1/nodes', null)).toBeUndefined();
    expect(pointOf('PUT', '/api/v1/namespaces/tugboot/configmaps/tugboot-turns', '{}')).toBe(
      'update configmaps tugboot-turns',
    );
  });
});
