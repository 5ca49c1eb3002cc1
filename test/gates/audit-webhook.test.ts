import { createHmac } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type AuditWebhookOptions, auditWebhook } from '../../src/gates/audit-webhook.ts';
import type { HttpAnswer, HttpCall } from '../../src/gates/http.ts';
import { type LogLine, recordingLogger } from '../fakes/recording-logger.ts';

const webhook = {
  access: { url: 'https://audit.example.com', headers: {} },
  secretFile: '/secret',
  timeout: 1000,
};

function setup(answers: readonly HttpAnswer[], options: Partial<AuditWebhookOptions> = {}) {
  const calls: HttpCall[] = [];
  const log: LogLine[] = [];
  const pauses: number[] = [];
  const done = Promise.withResolvers<void>();
  const left = [...answers];
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  const audit = auditWebhook({
    webhook: () => webhook,
    clock: { now: () => 1_700_000_000_000 },
    sleep: async (ms) => void pauses.push(ms),
    random: () => 1,
    logger: recordingLogger(log),
    readFile: () => 'key\n',
    http: {
      call: async (_access, call) => {
        calls.push(call);
        const answer = left.shift() ?? { ok: true, status: 204, text: '' };
        if (left.length === 0) done.resolve();
        return answer;
      },
      close: async () => undefined,
    },
    ...options,
  });
  return { audit, calls, log, pauses, done: done.promise, stop };
}

const ok: HttpAnswer = { ok: true, status: 200, text: '' };
const away: HttpAnswer = { ok: false, problem: 'it cannot be reached (ECONNREFUSED)' };
const recordsIn = ({ body = '' }: HttpCall): unknown => (JSON.parse(body) as { records: unknown }).records;

describe('the webhook of the audit', () => {
  it('gets each record, signed like the other webhooks', async () => {
    const { audit, calls, done, stop } = setup([ok]);
    void audit.run(stop.signal);
    audit.record({ msg: 'decision taken', by: 'U1' });
    await done;
    const [call] = calls;
    const body = JSON.stringify({ version: 1, records: [{ msg: 'decision taken', by: 'U1' }] });
    const hex = createHmac('sha256', 'key').update(`1700000000.${body}`).digest('hex');
    expect(call).toMatchObject({
      method: 'POST',
      body,
      headers: { 'x-tugboot-signature': `t=1700000000,v1=${hex}` },
    });
  });

  it('gets them in their order when it was away, after growing pauses, and the log says so once', async () => {
    const { audit, calls, log, pauses, done, stop } = setup([away, away, { ...ok, status: 503 }, ok]);
    for (const id of [1, 2, 3]) audit.record({ id });
    void audit.run(stop.signal);
    await done;
    expect(pauses).toEqual([1000, 2000, 4000]);
    expect(calls.map(recordsIn)).toEqual(Array.from({ length: 4 }, () => [{ id: 1 }, { id: 2 }, { id: 3 }]));
    expect(log).toMatchObject([
      { level: 'warn', message: 'audit record not delivered', fields: { records: 3, why: away.problem } },
    ]);
  });

  it('is left the last thousand, a hundred at a time', async () => {
    const { audit, calls, done, stop } = setup(Array.from({ length: 10 }, () => ok));
    for (let id = 0; id < 1001; id += 1) audit.record({ id });
    void audit.run(stop.signal);
    await done;
    const ids = calls.flatMap(recordsIn) as readonly { id: number }[];
    expect([calls.length, ids[0]?.id, ids.at(-1)?.id, ids.length]).toEqual([10, 1, 1000, 1000]);
  });

  it('is tried once more at the end', async () => {
    const { audit, calls } = setup([ok]);
    audit.record({ id: 1 });
    await audit.close();
    expect(calls).toHaveLength(1);
  });

  it('is called for nothing where none is configured', async () => {
    const { audit, calls } = setup([], { webhook: () => undefined });
    audit.record({ id: 1 });
    await audit.close();
    expect(calls).toEqual([]);
  });
});
