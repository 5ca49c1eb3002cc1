/** Delivers the records of decisions to a webhook of the operator, in their order. */
import type { Logger } from '../reboot/ports/logger.ts';
import type { WebhookGate } from '../reboot/policy/pool-gates.ts';
import { type Clock, minute, second } from '../reboot/time/time.ts';
import { backoff } from '../timing/backoff.ts';
import { createNotifier } from '../timing/notifier.ts';
import { type Sleep, sleptThrough } from '../timing/sleep.ts';
import { signatureOf } from './ask-webhook.ts';
import { type HttpClient, httpClient, type ReadFile } from './http.ts';
import { readRegularFile } from '../read-file.ts';

export interface AuditWebhook {
  /** Returns at once. */
  record(record: object): void;
  /** Delivers until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
  /** Tries once more to deliver what is left. */
  close(): Promise<void>;
}

export interface AuditWebhookOptions {
  /** Undefined: nothing is delivered, and nothing is kept. */
  readonly webhook: () => WebhookGate | undefined;
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly random: () => number;
  readonly logger: Logger;
  readonly http?: HttpClient;
  readonly readFile?: ReadFile;
}

/** Maximum number of undelivered records. Beyond it the oldest are dropped; the log has all of them. */
const mostWaiting = 1000;
const mostInOne = 100;
const retryDelays = { first: second, most: minute, factor: 2 };

export function auditWebhook(options: AuditWebhookOptions): AuditWebhook {
  const { clock, logger, webhook, readFile = readRegularFile } = options;
  const http = options.http ?? httpClient(readFile);
  const wake = createNotifier(options.sleep);
  const waiting: object[] = [];
  let failures = 0;

  /** Whether everything that was tried is delivered. An outage is logged once. */
  const deliver = async (): Promise<boolean> => {
    const target = webhook();
    if (target === undefined) waiting.length = 0;
    const batch = waiting.slice(0, mostInOne);
    if (target === undefined || batch.length === 0) return true;
    const problem = await post(target, batch);
    // Some may have gone meanwhile, since the list is bounded.
    if (problem === undefined) for (const one of batch) if (waiting[0] === one) waiting.shift();
    if (problem !== undefined && failures === 0)
      logger.warn('audit record not delivered', { records: batch.length, why: problem });
    return problem === undefined;
  };

  async function post(target: WebhookGate, records: readonly object[]): Promise<string | undefined> {
    const body = JSON.stringify({ version: 1, records });
    const signature = signatureOf({ readFile, clock }, target, body);
    if ('problem' in signature) return signature.problem;
    const headers = { 'content-type': 'application/json', ...signature.headers };
    const answer = await http.call(target.access, { method: 'POST', body, headers, timeout: target.timeout });
    if (!answer.ok) return answer.problem;
    return answer.status >= 200 && answer.status < 300
      ? undefined
      : `it answers with status ${answer.status}`;
  }

  return {
    record(record) {
      if (webhook() === undefined) return;
      waiting.push(record);
      if (waiting.length > mostWaiting) waiting.shift();
      wake.notify();
    },
    async run(signal) {
      while (!signal.aborted) {
        failures = (await deliver()) ? 0 : failures + 1;
        if (failures > 0)
          await sleptThrough(options.sleep, backoff(retryDelays, failures, options.random), signal);
        else if (waiting.length === 0) await wake.wait(undefined, signal);
      }
    },
    async close() {
      await deliver();
      await http.close();
    },
  };
}
