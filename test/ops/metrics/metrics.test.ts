import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { createMetrics } from '../../../src/ops/metrics/metrics.ts';
import { metricTable } from '../../../src/ops/metrics/table.ts';
import { minute } from '../../../src/reboot/time/time.ts';
import { aReboot, noon } from '../../fakes/builders.ts';
import { fakeClock } from '../../fakes/fake-clock.ts';
import { draining, undoing } from '../../fakes/states.ts';
import { describeWith } from '../../needs/describe-with.ts';
import { lackOf } from '../../needs/programs.ts';

/** The wait of a scrape for a source never ends by itself, unless `isLate`. */
const metricsWith = (isLate = false) =>
  createMetrics({
    version: '0.1.0',
    clock: fakeClock(),
    sleep: () => (isLate ? Promise.resolve() : new Promise(() => undefined)),
  });

const linesOf = async (metrics: ReturnType<typeof metricsWith>, name: string): Promise<readonly string[]> =>
  (await metrics.expose())
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));

describe('a scrape', () => {
  it('has what was counted since the start, and the version', async () => {
    const metrics = metricsWith();
    metrics.meter.saved(aReboot({ state: draining() }), aReboot({ state: undoing() }));
    metrics.meter.jobEnded('resync', 1500, false);
    metrics.meter.evicted('blocked');
    metrics.meter.slackCalled('chat.update', 'rate-limited');
    metrics.meter.slackPayload();
    metrics.meter.watchFailed('nodes');
    const text = await metrics.expose();
    for (const line of [
      'tugboot_build_info{version="0.1.0",',
      'tugboot_drains_total{pool="workers",outcome="undone"} 1',
      'tugboot_jobs_total{job="resync",result="failed"} 1',
      'tugboot_job_duration_seconds_sum{job="resync"} 1.5',
      'tugboot_evictions_total{answer="blocked"} 1',
      'tugboot_slack_calls_total{method="chat.update",result="rate-limited"} 1',
      `tugboot_slack_last_payload_timestamp_seconds ${noon / 1000}`,
      'tugboot_watch_failures_total{watch="nodes"} 1',
      'process_resident_memory_bytes ',
    ])
      expect(text).toContain(`\n${line}`);
  });

  it('drops what is gone', async () => {
    const metrics = metricsWith();
    let pools = ['workers', 'gone'];
    metrics.read(() => pools.map((pool) => ({ name: 'tugboot_nodes', labels: { pool }, value: 1 })));
    expect(await linesOf(metrics, 'tugboot_nodes')).toHaveLength(2);
    pools = ['workers'];
    expect(await linesOf(metrics, 'tugboot_nodes')).toEqual(['tugboot_nodes{pool="workers"} 1']);
  });

  it('succeeds without a source that fails', async () => {
    const metrics = metricsWith();
    metrics.read(() => Promise.reject(new Error('away')));
    metrics.read(() => [{ name: 'tugboot_nodes', labels: { pool: 'workers' }, value: 1 }]);
    expect(await linesOf(metrics, 'tugboot_nodes')).toHaveLength(1);
  });

  it('does not wait for a source that does not answer', async () => {
    const metrics = metricsWith(true);
    metrics.read(() => new Promise(() => undefined));
    expect(await linesOf(metrics, 'tugboot_build_info')).toHaveLength(1);
  });

  it('escapes what a label holds', async () => {
    const metrics = metricsWith();
    metrics.read(() => [{ name: 'tugboot_nodes', labels: { pool: 'a"} 1\nx' }, value: 1 }]);
    expect(await linesOf(metrics, 'tugboot_nodes')).toEqual([String.raw`tugboot_nodes{pool="a\"} 1\nx"} 1`]);
  });

  it('has text for a person beside every metric', async () => {
    const text = await metricsWith().expose();
    for (const name of Object.keys(metricTable)) expect(text).toMatch(new RegExp(`^# HELP ${name} \\S`, 'm'));
  });
});

// Debian's package of prometheus has promtool as well.
describeWith('promtool', { lack: lackOf('prometheus') }, () => {
  it('finds nothing to say against the names and types', async () => {
    const metrics = metricsWith();
    metrics.meter.jobEnded('resync', minute, true);
    const text = await metrics.expose();
    // Its own metrics are those of prom-client, which promtool has remarks about.
    const own = text
      .split('\n')
      .filter((line) => /^(# \w+ )?tugboot_/.test(line))
      .join('\n');
    expect(execFileSync('promtool', ['check', 'metrics'], { input: `${own}\n`, encoding: 'utf8' })).toBe('');
  });
});

describe('the metrics of several clusters', () => {
  it('name the cluster, and those of all do not', async () => {
    const metrics = metricsWith();
    const [eu, us] = [metrics.of('eu'), metrics.of('us')];
    eu.meter.jobEnded('resync', 1000, true);
    us.meter.jobEnded('resync', 1000, true);
    us.meter.slackCalled('chat.update', 'ok');
    for (const one of [eu, us])
      one.read(() => [{ name: 'tugboot_nodes', labels: { pool: 'workers' }, value: 3 }]);
    expect(await linesOf(metrics, 'tugboot_jobs_total')).toEqual([
      'tugboot_jobs_total{job="resync",result="ok",cluster="eu"} 1',
      'tugboot_jobs_total{job="resync",result="ok",cluster="us"} 1',
    ]);
    expect(await linesOf(metrics, 'tugboot_slack_calls_total')).toEqual([
      'tugboot_slack_calls_total{method="chat.update",result="ok"} 1',
    ]);
    us.leave();
    expect(await linesOf(metrics, 'tugboot_nodes')).toEqual(['tugboot_nodes{pool="workers",cluster="eu"} 3']);
  });
});
