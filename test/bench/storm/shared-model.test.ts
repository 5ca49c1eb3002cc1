import { expect, it } from 'vitest';
import { sharedTimes } from './shared-model.ts';

it('two bots share the work: on an API that answers after 20 ms they take at most 0.7 of the time of one', async () => {
  const of = (bots: number) => sharedTimes({ nodes: 100, bots, latency: 20 });
  const [one, two] = [await of(1), await of(2)];
  expect(two.asked / one.asked).toBeLessThanOrEqual(0.7);
  expect(two.noted / one.noted).toBeLessThanOrEqual(0.7);
});
