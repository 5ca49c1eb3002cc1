import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hookCaller } from '../../src/gates/hook-caller.ts';
import { httpClient, type HttpClient } from '../../src/gates/http.ts';
import type { HookStep } from '../../src/reboot/state/hook-facts.ts';
import type { WebhookHook } from '../../src/reboot/policy/pool-hooks.ts';
import { aNode, at, noon } from '../fakes/builders.ts';
import { draining, inState, settling } from '../fakes/states.ts';
import { openService, type TestService } from './service-of-a-test.ts';

describe('the webhook of a hook', () => {
  let server: TestService;
  let http: HttpClient;
  const readFile = (path: string): string => {
    if (path !== '/secret') throw new Error('ENOENT');
    return 'signing-secret\n';
  };
  beforeEach(async () => {
    server = await openService(() => ({ status: 200, body: '' }));
    http = httpClient(readFile);
  });
  afterEach(async () => {
    await http.close();
    await server.close();
  });
  const ask = (overrides: Partial<WebhookHook> = {}, step: HookStep = 'before') => {
    const hook: WebhookHook = {
      access: { url: `${server.url}/hook`, headers: {} },
      timeout: 600_000,
      onFailure: 'fail',
      ...overrides,
    };
    return hookCaller({ http, readFile, clock: { now: () => noon }, cluster: 'prod-eu' }).ask({
      hook,
      step,
      since: at(0),
      pool: 'workers',
      node: aNode({ name: 'w1', labels: { rack: 'r7' } }),
      reboot: inState(step === 'before' ? draining() : settling(), { name: 'w1-4f1c' }),
    });
  };
  const received = (nth: number): unknown => JSON.parse(server.received[nth]?.body ?? '');

  it('lets go on with 200, after it was told what the gate is told, and which question this is', async () => {
    expect(await ask()).toEqual({ kind: 'done' });
    expect(await ask({}, 'after')).toEqual({ kind: 'done' });
    expect(received(0)).toMatchObject({
      version: 1,
      cluster: 'prod-eu',
      pool: 'workers',
      node: { name: 'w1', labels: { rack: 'r7' }, controlPlane: false },
      reboot: { name: 'w1-4f1c', packages: [{ name: 'linux-image-6.8.0-49-generic' }] },
      decision: { by: ['@mia'] },
      hook: { step: 'before', id: `w1-4f1c/before/${at(0)}`, since: at(0) },
    });
    expect(received(1)).toMatchObject({
      decision: { by: ['@mia'] },
      hook: { step: 'after', id: `w1-4f1c/after/${at(0)}` },
    });
  });

  it('sends the same question each time, signed anew', async () => {
    await ask({ secretFile: '/secret' });
    await ask({ secretFile: '/secret' });
    const [one, two] = server.received;
    expect(one?.body).toBe(two?.body);
    const seconds = noon / 1000;
    const hex = createHmac('sha256', 'signing-secret').update(`${seconds}.${one?.body}`).digest('hex');
    expect(one?.headers['x-tugboot-signature']).toBe(`t=${seconds},v1=${hex}`);
  });

  it.each([
    ['JSON', { reason: 'ceph rebalances' }, 'wait', 'says not yet: ceph rebalances'],
    ['text', 'ceph\n rebalances', 'wait', 'says not yet: ceph rebalances'],
    ['nothing', '', 'wait', 'says not yet'],
    ['JSON that is not final', { reason: 'ceph', final: 'no' }, 'wait', 'says not yet: ceph'],
    ['JSON that is final', { reason: 'no backup', final: true }, 'failed', 'says no: no backup'],
    ['JSON that is no object', 'null', 'wait', 'says not yet'],
  ])('waits with 409, or fails, with %s', async (_, body, kind, said) => {
    server.respond = () => ({ status: 409, body });
    expect(await ask()).toEqual({ kind, said });
  });

  it.each<[string, () => ReturnType<TestService['respond']>, string]>([
    ['204, which is no yes', () => ({ status: 204, body: '' }), 'status 204'],
    ['a redirect', () => ({ status: 307, body: '' }), 'status 307'],
    ['500', () => ({ status: 500, body: 'secret details' }), 'status 500'],
    ['more than anybody reads', () => ({ status: 200, body: 'x'.repeat(6_000_000) }), 'larger than 5 MB'],
    ['a cut connection', () => 'reset', 'cannot be reached'],
  ])('is asked again after %s', async (_, respond, why) => {
    server.respond = respond;
    const answer = await ask();
    expect(answer).toMatchObject({ kind: 'wait', said: expect.stringContaining('cannot be asked: ') });
    expect(JSON.stringify(answer)).toContain(why);
    expect(JSON.stringify(answer)).not.toContain('secret details');
  });

  it('is not asked unsigned when its secret cannot be read', async () => {
    expect(await ask({ secretFile: '/gone' })).toMatchObject({
      kind: 'wait',
      said: expect.stringContaining('/gone'),
    });
    expect(server.received).toEqual([]);
  });

  it('has ten seconds for each answer, however long the hook may take', async () => {
    const timeouts: number[] = [];
    const real = http;
    http = {
      ...real,
      call: async (access, call) => {
        timeouts.push(call.timeout);
        return real.call(access, call);
      },
    };
    await ask({ timeout: 3_600_000 });
    expect(timeouts).toEqual([10_000]);
  });
});
