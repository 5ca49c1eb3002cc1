import { describe, expect, it } from 'vitest';
import { type Story, workers } from './story-environment.ts';

const always = { days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], start: '00:00', end: '00:00' };
const byWindow = { ...workers, approval: 'window', notice: '3s', windows: [always] };

/** Windows that approve without people. */
export function windowStories(story: Story): void {
  describe('a window that approves by itself', () => {
    it(
      'says so beforehand, approves after the notice, and names the window afterwards',
      story({ pools: [byWindow] }, async (environment) => {
        const card = await environment.upgrade('worker-1');
        const told = await environment.card('worker-1', /by itself/i);
        expect(told.ts).toBe(card.ts);
        await environment.reply(card, /Approved by the window/i);
        await environment.card('worker-1', /✓/);
      }),
    );

    it(
      'does not approve what a person denied in the meantime',
      story({ pools: [byWindow] }, async (environment) => {
        const card = await environment.upgrade('worker-1');
        const before = environment.bootId('worker-1');
        await environment.press('lee', card, 'Deny');
        await environment.submit('lee', { 'tugboot.reason': 'not today' });
        await environment.card('worker-1', /not today/);
        // The other node's rule fires after the time at which the denied one's would have.
        await environment.upgrade('worker-2');
        await environment.card('worker-2', /✓/);
        expect(environment.bootId('worker-1')).toBe(before);
      }),
    );
  });
}
