/** One trace for one reboot, over the restart of the bot. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { attribute, type Collector, collector } from '../ops/collector.ts';
import { startBotHere } from './bot-here.ts';
import { inDemoEnvironment } from './demo-stage.ts';
import { budget, heldDrain, patience } from './story-environment.ts';

vi.setConfig({ testTimeout: 2 * patience });

let traces: Collector;
beforeEach(async () => {
  traces = await collector();
});
afterEach(() => traces.close());

it(
  'a reboot is one trace from the first sign to the uncordon, though another bot goes on with it',
  inDemoEnvironment({ bots: 0 }, async (environment) => {
    const env = {
      ...environment.botEnv,
      OTEL_EXPORTER_OTLP_ENDPOINT: traces.endpoint,
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20of-the-collector',
    };
    const start = async () => startBotHere({ env, logFile: environment.botLog });
    const first = await environment.connected(start);
    const { node } = await heldDrain(environment);
    await first.stop();
    const before = traces.spans.length;
    expect(before).toBeGreaterThan(0);
    const second = await environment.connected(start);
    await budget(environment, 1);
    await environment.card(node, /✓/);
    await environment.isFree(node);
    await second.stop();

    const wholes = traces.spans.filter(({ name }) => name === `reboot ${node}`);
    expect(wholes).toHaveLength(1);
    const [whole] = wholes;
    if (whole === undefined) return;
    const own = traces.spans.filter(({ traceId }) => traceId === whole.traceId);
    // Nothing else happened, and what belongs to no Reboot is not traced.
    expect(own).toHaveLength(traces.spans.length);
    expect(whole.parentSpanId ?? '').toBe('');
    expect(attribute(whole, 'tugboot.result')).toBe('Succeeded');
    expect(whole.events?.map(({ name }) => name)).toContain('approved');
    const phases = own.filter((span) => attribute(span, 'tugboot.next_phase') !== undefined);
    expect(phases.map(({ name }) => name)).toEqual([
      'Pending',
      'Approved',
      'Draining',
      'Rebooting',
      'Settling',
    ]);
    for (const { parentSpanId } of phases) expect(parentSpanId).toBe(whole.spanId);
    expect(own.map(({ name }) => name)).toContain('clean-up');
    // The jobs, of the first bot and of the second one.
    const ran = own.filter(({ name }) => name.startsWith('process '));
    const jobs = new Set(ran.map((span) => attribute(span, 'bullmq.job.name')));
    for (const step of ['cordon', 'drain', 'reboot', 'verify', 'uncordon', 'render'])
      expect(jobs).toContain(step);
    const ids = new Set(own.map(({ spanId }) => spanId));
    for (const span of own)
      if (span !== whole) expect([span.name, ids.has(span.parentSpanId ?? '')]).toEqual([span.name, true]);
    const times = own.flatMap((span) => [span.startTimeUnixNano, span.endTimeUnixNano].map(Number));
    expect(Math.min(...times)).toBe(Number(whole.startTimeUnixNano));
    expect(traces.headers[0]?.authorization).toBe('Bearer of-the-collector');
  }),
);
