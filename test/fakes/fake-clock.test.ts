import { describe, expect, it } from 'vitest';
import { fakeClock } from './fake-clock.ts';

const seenOn = (clock: ReturnType<typeof fakeClock>) => {
  const seen: string[] = [];
  return { seen, tell: (name: string) => () => void seen.push(`${name} ${clock.now()}`) };
};

describe('the fake clock', () => {
  it('goes to what is due next, in the order in which it was asked for, and never back', async () => {
    const clock = fakeClock(0);
    const { seen, tell } = seenOn(clock);
    clock.at(20, tell('late'));
    clock.at(10, tell('one'));
    clock.at(10, tell('two'));
    void clock.sleep(5).then(() => clock.at(1, tell('past')));
    await clock.until(() => seen.length === 4, 100);
    expect(seen).toEqual(['past 5', 'one 10', 'two 10', 'late 20']);
  });

  it('says so when nothing is left that could end a wait, and when it takes too long', async () => {
    await expect(fakeClock(0).until(() => false)).rejects.toThrow('nothing is left');
    await expect(fakeClock(0).until(new Promise(() => undefined))).rejects.toThrow('nothing is left');
    const busy = fakeClock(0);
    busy.at(10, () => undefined);
    await expect(busy.until(() => false, 1)).rejects.toThrow('not done in time');
  });

  it('returns what the work returned, and rejects as it does', async () => {
    const clock = fakeClock(0);
    expect(await clock.until(clock.sleep(7).then(() => clock.now()))).toBe(7);
    await expect(clock.until(clock.sleep(1).then(() => Promise.reject(new Error('no'))))).rejects.toThrow(
      'no',
    );
  });

  it('runs timers that timers have set, as far as they are due, and stops at the end of the span', () => {
    const clock = fakeClock(0);
    const { seen, tell } = seenOn(clock);
    clock.after(10, () => void clock.after(10, tell('second')));
    clock.after(10, () => void clock.after(11, tell('third')));
    clock.advance(20);
    expect(seen).toEqual(['second 20']);
    expect(clock.now()).toBe(20);
  });

  it('lets promises go on between two timers', async () => {
    const clock = fakeClock(0);
    const { seen, tell } = seenOn(clock);
    void clock.sleep(5).then(() => clock.sleep(5).then(tell('slept twice')));
    clock.after(8, tell('between'));
    await clock.pass(10);
    expect(seen).toEqual(['between 8', 'slept twice 10']);
  });

  it('keeps no timer that was cancelled, and no sleep that was aborted', async () => {
    const clock = fakeClock(0);
    const { seen, tell } = seenOn(clock);
    const cancel = clock.after(1, tell('cancelled'));
    const stopping = new AbortController();
    const slept = clock.sleep(1, stopping.signal);
    cancel();
    stopping.abort(new Error('stopped'));
    await expect(slept).rejects.toThrow('stopped');
    await expect(clock.sleep(1, stopping.signal)).rejects.toThrow('stopped');
    expect(clock.isAwaited()).toBe(false);
    clock.advance(2);
    expect(seen).toEqual([]);
  });

  it('says when a timer has so long left', async () => {
    const clock = fakeClock(0);
    let isSeen = false;
    const waiting = clock.untilWaiting(30).then(() => (isSeen = true));
    clock.after(20, () => undefined);
    await clock.settle();
    expect(isSeen).toBe(false);
    clock.after(30, () => undefined);
    await waiting;
    expect(isSeen).toBe(true);
  });
});
