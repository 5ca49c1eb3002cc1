/**
 * The requests of one reboot to the API server: each has a line in docs/benchmarks.md, and there are no
 * others.
 */
import { describe, expect, it } from 'vitest';
import { at, isObject, type Json, listAt } from '../../demo/kube/json.ts';
import type { RequestRecord } from '../../demo/kube/requests/request-log.ts';
import { type DemoStage, inDemoEnvironment } from './demo-stage.ts';
import { printed, tableOf } from './reboot-requests.ts';
import type { StoryEnvironment } from './story-environment.ts';

/** The bot has processed every node, and is idle. */
async function atRest(environment: StoryEnvironment<DemoStage>): Promise<void> {
  await environment.eventually('every node says that it needs no reboot', async () => {
    const nodes = listAt((await environment.kube('GET', '/api/v1/nodes')) as Json, 'items');
    return nodes.every((node) =>
      listAt(node, 'status', 'conditions').some(
        (condition) => isObject(condition) && at(condition, 'type') === 'RebootRequired',
      ),
    );
  });
}

describe('the requests of one reboot', () => {
  it(
    'are these, and no more',
    inDemoEnvironment({}, async (environment) => {
      await atRest(environment);
      const own = (): readonly RequestRecord[] =>
        environment.requests().filter(({ userAgent }) => userAgent.startsWith('tugboot/'));
      const earlier = own().length;
      const card = await environment.upgrade('worker-1');
      await environment.press('mia', card, 'Approve now');
      await environment.card('worker-1', /^✓/u);
      await environment.isFree('worker-1');
      const table = tableOf(own().slice(earlier));
      process.stdout.write(`the requests of one reboot, on the demo's API:\n${printed(table)}\n`);
      expect(table.above).toEqual([]);
      expect(table.evictions).toBeGreaterThan(5);
    }),
    180_000,
  );
});
