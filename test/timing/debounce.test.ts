import { expect, it } from 'vitest';
import { debounce } from '../../src/timing/debounce.ts';

/** Sleeps until it is told to wake; work that goes on until it is told to end. */
function stage() {
  const sleepers: (() => void)[] = [];
  const workers: (() => void)[] = [];
  const over = new AbortController();
  const ask = debounce(
    { after: 50, signal: over.signal, sleep: () => new Promise((wake) => void sleepers.push(wake)) },
    () => new Promise((end) => void workers.push(end)),
  );
  const next = async (waiting: (() => void)[]): Promise<void> => {
    waiting.shift()?.();
    await new Promise((resolve) => void setImmediate(resolve));
  };
  return { ask, over, sleepers, workers, wake: () => next(sleepers), end: () => next(workers) };
}

it('works once for all who ask until it begins', async () => {
  const { ask, sleepers, workers, wake, end } = stage();
  ask();
  ask();
  expect(sleepers).toHaveLength(1);
  await wake();
  expect(workers).toHaveLength(1);
  await end();
  expect(sleepers).toHaveLength(0);
});

it('works once more for those who ask while it works, and not at the same time', async () => {
  const { ask, sleepers, workers, wake, end } = stage();
  ask();
  await wake();
  ask();
  ask();
  expect(sleepers).toHaveLength(0);
  await end();
  expect(sleepers).toHaveLength(1);
  await wake();
  expect(workers).toHaveLength(1);
});

it('does nothing any more when it is over', async () => {
  const { ask, over, workers, wake } = stage();
  ask();
  over.abort();
  await wake();
  expect(workers).toHaveLength(0);
});
