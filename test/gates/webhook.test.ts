import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { httpClient, type HttpClient } from '../../src/gates/http.ts';
import { webhookGatekeeper } from '../../src/gates/webhook.ts';
import type { WebhookGate } from '../../src/reboot/policy/pool-gates.ts';
import { aDecision, aNode, aPool, aReboot, at, noon } from '../fakes/builders.ts';
import { openService, type TestService } from './service-of-a-test.ts';

describe('the webhook that has the last word', () => {
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
  const ask = (overrides: Partial<WebhookGate> = {}) => {
    const webhook: WebhookGate = {
      access: { url: `${server.url}/ask`, headers: {} },
      timeout: 60_000,
      ...overrides,
    };
    return webhookGatekeeper({ http, readFile, clock: { now: () => noon }, cluster: 'prod-eu' }).ask({
      pool: aPool({ gates: { ...aPool().gates, webhook } }),
      node: aNode({ name: 'w1', labels: { rack: 'r7' } }),
      reboot: aReboot({ state: { phase: 'Approved', since: at(0), decision: aDecision() } }),
    });
  };

  it('cannot show people the credentials that it was sent, by repeating them', async () => {
    server.respond = ({ headers }) => ({
      status: 409,
      body: { reason: `not with ${headers.authorization}` },
    });
    const access = { url: server.url, headers: {} };
    const asked = [
      await ask({ access: { ...access, auth: { kind: 'bearer', tokenFile: '/secret' } } }),
      await ask({ access: { ...access, auth: { kind: 'basic', username: 'me', passwordFile: '/secret' } } }),
    ];
    const said = asked.flatMap((blockers) => blockers.map(({ sentence }) => sentence));
    expect(said).toEqual([
      'The webhook of the pool says no: not with Bearer [secret]',
      'The webhook of the pool says no: not with Basic [secret]',
    ]);
  });

  it('lets start with 200, after it was told all that it may want to know', async () => {
    expect(await ask()).toEqual([]);
    expect(JSON.parse(server.received[0]?.body ?? '')).toMatchObject({
      version: 1,
      cluster: 'prod-eu',
      pool: 'workers',
      node: { name: 'w1', labels: { rack: 'r7' }, controlPlane: false },
      reboot: { packages: [{ name: 'linux-image-6.8.0-49-generic' }] },
      decision: { by: ['@mia'] },
    });
  });

  it.each([
    ['JSON', { reason: 'change freeze until Monday' }],
    ['text', 'change freeze\n until Monday'],
  ])('keeps with 409, and its reason is told, from %s', async (_, body) => {
    server.respond = () => ({ status: 409, body });
    expect(await ask()).toMatchObject([
      { code: 'webhook-refused', sentence: 'The webhook of the pool says no: change freeze until Monday' },
    ]);
  });

  it.each<[string, () => ReturnType<TestService['respond']>, string]>([
    ['204, which is no yes', () => ({ status: 204, body: '' }), 'status 204'],
    ['a redirect', () => ({ status: 302, body: '' }), 'status 302'],
    ['500', () => ({ status: 500, body: 'secret details' }), 'status 500'],
    ['a cut connection', () => 'reset', 'cannot be reached'],
    ['silence', () => 'silence', 'does not answer in time'],
  ])('keeps with %s', async (_, respond, why) => {
    server.respond = respond;
    const [blocker] = await ask({ timeout: 200 });
    expect(blocker).toMatchObject({ code: 'gate-unreachable', sentence: expect.stringContaining(why) });
    expect(blocker?.sentence).not.toContain('secret details');
  });

  it('can tell by the signature that it is us who ask, and now', async () => {
    await ask({ secretFile: '/secret' });
    const [received] = server.received;
    const seconds = noon / 1000;
    const hex = createHmac('sha256', 'signing-secret').update(`${seconds}.${received?.body}`).digest('hex');
    expect(received?.headers['x-tugboot-signature']).toBe(`t=${seconds},v1=${hex}`);
  });

  it('is not asked unsigned when its secret cannot be read', async () => {
    expect(await ask({ secretFile: '/gone' })).toMatchObject([
      { code: 'gate-unreachable', sentence: expect.stringContaining('/gone') },
    ]);
    expect(server.received).toEqual([]);
  });
});
