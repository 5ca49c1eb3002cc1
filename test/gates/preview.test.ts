/** What the gates answer to a question that starts nothing. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { connectGates } from '../../src/gates/connect-gates.ts';
import type { Blocker } from '../../src/reboot/scheduling/blockers/blockers.ts';
import type { Gatekeeper, StartQuestion } from '../../src/reboot/ports/outside.ts';
import { second } from '../../src/reboot/time/time.ts';
import { aNode, aPool, aReboot, noon } from '../fakes/builders.ts';
import { openService } from './service-of-a-test.ts';

const alert: Blocker = { code: 'alerts-firing', sentence: 'An alert fires.', clears: 'It clears.' };
const closes: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closes.splice(0)) await close();
});

/** The limit is over as soon as `over` says so. */
function gatesOf(inside: Gatekeeper, over: (ms: number, signal?: AbortSignal) => Promise<void>) {
  const clock = { now: () => noon };
  const gates = connectGates(inside, { clock, cluster: 'prod-eu', sleep: over });
  closes.push(() => gates.close());
  return gates;
}

const question = (webhook?: string): StartQuestion => {
  const pool = aPool();
  const gates = {
    ...pool.gates,
    ...(webhook === undefined
      ? {}
      : { webhook: { access: { url: webhook, headers: {} }, timeout: 5 * second } }),
  };
  return { pool: { ...pool, gates }, node: aNode(), reboot: aReboot() };
};

const neverOver = (_ms: number, signal?: AbortSignal): Promise<void> => sleep(600_000, undefined, { signal });

it('does not ask the webhook, which is asked just before a start alone', async () => {
  let asked = 0;
  const server = await openService(() => {
    asked += 1;
    return { status: 409, body: '{"reason":"no"}' };
  });
  closes.push(() => server.close());
  const { gatekeeper, preview } = gatesOf({ ask: async () => [] }, neverOver);
  const about = question(`${server.url}/ask`);
  expect(await preview.ask(about)).toEqual([]);
  expect(asked).toBe(0);
  expect(await gatekeeper.ask(about)).toMatchObject([{ code: 'webhook-refused' }]);
  expect(asked).toBe(1);
});

it('tells what the gates say, and leaves no timer behind', async () => {
  let signal: AbortSignal | undefined;
  const { preview } = gatesOf({ ask: async () => [alert] }, (ms, given) => {
    signal = given;
    return neverOver(ms, given);
  });
  expect(await preview.ask(question())).toEqual([alert]);
  expect(signal?.aborted).toBe(true);
});

it('says of a gate that does not answer in time that it is unknown, and waits no longer', async () => {
  const spans: number[] = [];
  const { preview } = gatesOf({ ask: () => new Promise(() => undefined) }, async (ms) => {
    spans.push(ms);
  });
  expect(await preview.ask(question())).toContainEqual({
    code: 'gate-unreachable',
    sentence: 'What the cluster says of its pods and its health is unknown: it did not answer within 2 s.',
    clears: 'It is asked again just before the start.',
  });
  expect(new Set(spans)).toEqual(new Set([2 * second]));
});
