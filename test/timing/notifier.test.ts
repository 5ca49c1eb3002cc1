import { expect, it } from 'vitest';
import { createNotifier } from '../../src/timing/notifier.ts';

/** A notifier whose sleeps end when the test says so, and the waits that have ended. */
function stage() {
  const sleeps: { readonly ms: number; readonly end: () => void }[] = [];
  const over = new AbortController();
  const notifier = createNotifier((ms) => new Promise((end) => void sleeps.push({ ms, end })));
  const ended: string[] = [];
  const wait = (name: string, ms?: number) =>
    notifier.wait(ms, over.signal).then(() => void ended.push(name));
  const turn = () => new Promise((resolve) => void setImmediate(resolve));
  return { notifier, over, sleeps, ended, wait, turn };
}

it('ends a wait when notified, when its time is over, and when the signal aborts', async () => {
  const { notifier, over, sleeps, ended, wait, turn } = stage();
  void wait('notified', 50);
  await turn();
  expect(ended).toEqual([]);
  notifier.notify();
  await turn();
  void wait('slept', 70);
  sleeps.at(-1)?.end();
  await turn();
  void wait('aborted');
  over.abort();
  await turn();
  await wait('after the abort', 90);
  expect(ended).toEqual(['notified', 'slept', 'aborted', 'after the abort']);
  expect(sleeps.map(({ ms }) => ms)).toEqual([50, 70]);
});

it('ends the next wait at once for a notification in between, and only that one', async () => {
  const { notifier, sleeps, ended, wait, turn } = stage();
  notifier.notify();
  notifier.notify();
  await wait('first', 50);
  void wait('second', 50);
  await turn();
  expect([ended, sleeps.length]).toEqual([['first'], 1]);
});
