import { describe, expect, it } from 'vitest';
import { openService, type TestService } from '../gates/service-of-a-test.ts';
import { type Story, workers } from './story-environment.ts';

interface Silence {
  readonly id: string;
  readonly matchers: readonly { readonly name: string; readonly value: string }[];
  readonly comment: string;
  readonly createdBy: string;
  readonly startsAt: string;
  readonly endsAt: string;
  status: { state: string };
}

/** Stores silences as an Alertmanager does, as far as the bot needs it. */
async function openAlertmanager(): Promise<TestService & { readonly silences: Silence[] }> {
  const silences: Silence[] = [];
  const service = await openService(({ method, path, body }) => {
    if (method === 'GET') return { status: 200, body: silences };
    if (method === 'POST') {
      const id = `silence-${silences.length + 1}`;
      silences.push({ ...(JSON.parse(body) as Silence), id, status: { state: 'active' } });
      return { status: 200, body: { silenceID: id } };
    }
    const ended = silences.find(({ id }) => path.endsWith(`/${id}`));
    if (ended) ended.status = { state: 'expired' };
    return { status: ended ? 200 : 404, body: '' };
  });
  return Object.assign(service, { silences });
}

/** `hooks.silence`, in whole reboots. */
export function silenceStories(story: Story): void {
  describe('alerts of a node', () => {
    it('are silenced while it is out, also by the bot that comes after one that was killed, and heard again when it is back', async () => {
      const alertmanager = await openAlertmanager();
      const hook = await openService(() => ({ status: 409, body: { reason: 'wait' } }));
      const silence = { url: alertmanager.url, matchers: ['node="{node}"', 'severity!=critical'] };
      const hooks = { silence, before: { url: hook.url } };
      await story({ pools: [{ ...workers, hooks }], programs: 'bundled' }, async (environment) => {
        const node = 'worker-1';
        const card = await environment.upgrade(node);
        expect(alertmanager.received).toEqual([]);
        await environment.press('mia', card, 'Approve now');
        await environment.eventually('a silence', () => alertmanager.silences.length === 1);
        expect(alertmanager.silences).toMatchObject([
          { matchers: [{ name: 'node', value: node }, { name: 'severity' }], status: { state: 'active' } },
        ]);
        await environment.card(node, /Waits for the hook before the reboot/);
        await environment.bots[0]?.kill();
        hook.respond = () => ({ status: 200, body: '' });
        await environment.anotherBot();
        await environment.card(node, /✓/);
        await environment.isFree(node);
        await environment.eventually('its end', () => alertmanager.silences[0]?.status.state === 'expired');
        expect(alertmanager.silences).toHaveLength(1);
      })();
      await Promise.all([alertmanager.close(), hook.close()]);
    });

    it('are not silenced by an Alertmanager that is away: the thread is told once, and the reboot goes on', async () => {
      const alertmanager = await openService(() => ({ status: 503, body: '' }));
      const silence = { url: alertmanager.url, matchers: ['node={node}'] };
      await story({ pools: [{ ...workers, hooks: { silence } }] }, async (environment) => {
        const node = 'worker-1';
        await environment.press('mia', await environment.upgrade(node), 'Approve now');
        const done = await environment.card(node, /✓/);
        await environment.reply(done, /Alerts of worker-1 are not silenced: .*status 503/);
        const told = environment.slack
          .thread(done.channel, done.ts)
          .filter(({ text }) => text.includes('not silenced'));
        expect(told).toHaveLength(1);
      })();
      await alertmanager.close();
    });
  });
}
