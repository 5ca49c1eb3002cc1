import { expect, it } from 'vitest';
import { openPrometheus, whyNoPrometheus } from '../gates/prometheus-of-a-test.ts';
import { describeWith } from '../needs/describe-with.ts';
import { why } from './commands.ts';
import { type Story, workers } from './story-environment.ts';

/** A real alert in a real Prometheus, and a real silence in its Alertmanager. */
export function alertStories(story: Story): void {
  describeWith('an alert that fires', { lack: whyNoPrometheus }, () => {
    it('holds the node, is named on the card and by /reboot why, and a silence in the Alertmanager lets it start', async () => {
      const prometheus = await openPrometheus();
      try {
        await prometheus.fire(true);
        const { url, alertmanager } = prometheus;
        const gates = { prometheus: [{ url, alerts: {}, alertmanager: { url: alertmanager } }] };
        await story({ pools: [{ ...workers, gates }] }, async (environment) => {
          await environment.eventually('the alert fires', async () => {
            const alerts = await fetch(`${url}/api/v1/alerts`);
            return /"state":"firing"/.test(await alerts.text());
          });
          await environment.press('mia', await environment.upgrade('worker-1'), 'Approve now');
          await environment.card('worker-1', /Alert DiskFull is active\./);
          await why(environment, 'worker-1', /Alert DiskFull is active\..*It starts/);
          expect(environment.node('worker-1').cordoned).toBe(false);
          await prometheus.silence('disk', 'sda');
          await environment.card('worker-1', /✓/);
        })();
      } finally {
        await prometheus.close();
      }
    });
  });
}
