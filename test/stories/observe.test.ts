/** The first weeks: cards and reports, and nothing else. */
import { expect, it, vi } from 'vitest';
import { inDemoEnvironment } from './demo-stage.ts';
import { ordersGiven, patience, workers } from './story-environment.ts';

vi.setConfig({ testTimeout: 2 * patience });

const observed = { ...workers, observeOnly: true };

it(
  'a pool that is only observed asks, is approved, and is not touched until the setting goes',
  inDemoEnvironment({ pools: [observed] }, async (environment) => {
    const card = await environment.upgrade('worker-1');
    const boot = environment.bootId('worker-1');
    await environment.press('mia', card, 'Approve now');
    await environment.card('worker-1', /Pool workers is only observed: nothing of it is drained or rebooted/);
    expect(environment.evictions()).toEqual([]);
    expect(environment.node('worker-1').cordoned).toBe(false);
    expect(await ordersGiven(environment, 'worker-1')).toBe(0);
    // No turn was ever taken here.
    await expect(
      environment.kube('GET', '/api/v1/namespaces/tugboot/configmaps/tugboot-turns'),
    ).rejects.toThrow(/404/);

    environment.configure({ cluster: 'story', approvers: 'channel', pools: [workers] });
    await environment.card('worker-1', /✓/);
    expect(environment.bootId('worker-1')).not.toBe(boot);
    expect(await ordersGiven(environment, 'worker-1')).toBe(1);
  }),
);
