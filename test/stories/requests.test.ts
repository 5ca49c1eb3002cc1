/**
 * The requests of one reboot to the API server: each has a line in docs/benchmarks.md, and there are no
 * others.
 */
import { describe, expect, it } from 'vitest';
import { at, isObject, type Json, listAt } from '../../demo/kube/json.ts';
import type { RequestRecord } from '../../demo/kube/request-log.ts';
import { type DemoStage, inDemoHouse } from './demo-stage.ts';
import type { StoryHouse } from './story-house.ts';

/**
 * Upper bounds of a reboot in which no write is lost and that takes `usualSeconds`. Each lost
 * compare-and-swap costs a read and a write more. What is repeated while the node drains and settles (stored
 * progress, observations of the node) is repeated once a second at most.
 */
const most: Readonly<Record<string, number>> = {
  'get reboot': 12,
  'get node': 10,
  'get nodeagent': 7,
  'get ledger': 9,
  'get pauses': 2,
  'list pods': 13,
  'list nodes': 2,
  'list budgets': 4,
  'list daemonsets': 4,
  'list workloads': 8,
  'create reboot': 1,
  'patch reboot': 34,
  'patch node': 4,
  'patch node condition': 3,
  'patch nodeagent': 3,
  'write ledger': 3,
};
const usualSeconds = 12;
const mostInAll = { reads: 63, others: 45 };

const kinds: readonly (readonly [string, RegExp])[] = [
  ['reboot', /\/reboots(\/[^/]+(\/status)?)?$/],
  ['node condition', /\/nodes\/[^/]+\/status$/],
  ['nodes', /\/nodes$/],
  ['node', /\/nodes\/[^/]+$/],
  ['nodeagent', /\/nodeagents\/[^/]+$/],
  ['ledger', /\/configmaps\/tugboot-turns$|\/configmaps$/],
  ['pauses', /\/configmaps\/tugboot-pauses$/],
  ['budgets', /\/poddisruptionbudgets$/],
  ['daemonsets', /\/daemonsets$/],
  ['workloads', /\/(deployments|statefulsets|replicasets|replicationcontrollers)$/],
  ['pods', /\/pods$/],
];

function kindOf({ verb, path }: RequestRecord): string {
  const what = kinds.find(([, pattern]) => pattern.test(path))?.[0] ?? path;
  return what === 'ledger' && verb !== 'get' ? 'write ledger' : `${verb} ${what}`;
}

const isRead = (kind: string): boolean => /^(get|list) /.test(kind);

/** The bot has processed every node, and is idle. */
async function atRest(house: StoryHouse<DemoStage>): Promise<void> {
  await house.eventually('every node says that it needs no reboot', async () => {
    const nodes = listAt((await house.kube('GET', '/api/v1/nodes')) as Json, 'items');
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
    inDemoHouse({}, async (house) => {
      await atRest(house);
      const own = (): readonly RequestRecord[] =>
        house.requests().filter(({ userAgent }) => userAgent.startsWith('tugboot/'));
      const earlier = own().length;
      const card = await house.upgrade('worker-1');
      await house.press('mia', card, 'Approve now');
      await house.card('worker-1', /^✓/u);
      await house.isFree('worker-1');
      const made = own().slice(earlier);

      // Not counted here: the eviction of each pod, Events, and watches, which are shared by all reboots or
      // held open by a drain.
      const counted = made.filter(
        ({ verb, path }) => verb !== 'watch' && !path.endsWith('/eviction') && !path.endsWith('/events'),
      );
      const counts = new Map<string, number>();
      for (const request of counted) {
        const kind = kindOf(request);
        counts.set(kind, (counts.get(kind) ?? 0) + 1);
      }
      const lost = counted.filter(({ status }) => status >= 400).length;
      const seconds = ((made.at(-1)?.at ?? 0) - (made[0]?.at ?? 0)) / 1000;
      const more = lost + Math.max(0, Math.ceil(seconds - usualSeconds));
      const above = [...counts].filter(([kind, count]) => {
        const bound = most[kind];
        return bound === undefined || count > bound + more;
      });
      expect(above).toEqual([]);
      const reads = counted.filter((request) => isRead(kindOf(request))).length;
      expect(reads).toBeLessThanOrEqual(mostInAll.reads + more);
      expect(counted.length - reads).toBeLessThanOrEqual(mostInAll.others + more);
      expect(made.filter(({ path }) => path.endsWith('/eviction')).length).toBeGreaterThan(5);
    }),
    180_000,
  );
});
