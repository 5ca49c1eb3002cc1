import { expect, it } from 'vitest';
import { rolloutOf } from './storm.ts';

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
