import { expect, it } from 'vitest';
import { requestsForEach, rolloutOf, successions } from './storm.ts';

it('a rollout is compared with the times that its nodes were out, shared by as many as may be out at once', () => {
  const out = (node: string, from: number, to: number) => [
    { node, on: true, at: from },
    { node, on: false, at: to },
  ];
  const cordons = [...out('w1', 0, 10), ...out('w2', 0, 10), ...out('w3', 12, 22)].sort(
    (a, b) => a.at - b.at,
  );
  expect(rolloutOf(cordons, 2)).toEqual({ floor: 15, whole: 22 });
});

it('the cordon that follows a node is the first one that its end allows', () => {
  const cordons = [
    { node: 'w1', on: true, at: 0 },
    { node: 'w2', on: true, at: 1 },
    { node: 'w2', on: false, at: 50 },
    { node: 'w3', on: true, at: 57 },
    { node: 'w1', on: false, at: 60 },
    { node: 'w4', on: true, at: 71 },
  ];
  expect(successions(cordons, 2)).toEqual([7, 11]);
});

it('the requests for each node leave out watches, evictions and Events', () => {
  const requests = {
    'watch nodes': 9,
    'create pods/NAME/eviction': 9,
    'create events': 9,
    'list pods': 4,
    'get nodes/NAME': 2,
    'patch nodes/NAME': 4,
  };
  const counts = { agents: 0, mirrored: 0, reboots: 0, cards: 0, lastAt: 0, now: 0, requests };
  expect(requestsForEach(counts, 2)).toEqual({ reads: 3, writes: 2 });
});
