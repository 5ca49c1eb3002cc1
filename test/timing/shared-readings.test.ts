import { describe, expect, it } from 'vitest';
import { sharedReadings } from '../../src/timing/shared-readings.ts';
import { fakeClock } from '../fakes/fake-clock.ts';

/** Readings by number, each ended by hand. */
function world() {
  const clock = fakeClock();
  const shared = sharedReadings<number>(clock, 5000);
  const begun: { resolve(value: number): void; reject(error: Error): void }[] = [];
  const make = (): Promise<number> => {
    const { promise, ...ends } = Promise.withResolvers<number>();
    begun.push(ends);
    return promise;
  };
  return {
    clock,
    begun,
    read: () => shared.read('a', make),
    readAfresh: () => shared.readAfresh('a', make),
    forget: () => shared.forget('a'),
  };
}

describe('what was read a moment ago', () => {
  it('is for all that ask meanwhile, also while it is being read', async () => {
    const { begun, read } = world();
    const both = [read(), read()];
    begun[0]?.resolve(1);
    expect(await Promise.all(both)).toEqual([1, 1]);
    expect(await read()).toBe(1);
    expect(begun).toHaveLength(1);
  });

  it('is read anew when its time is over, counted from when it was begun', async () => {
    const { clock, begun, read } = world();
    const first = read();
    clock.advance(4999);
    begun[0]?.resolve(1);
    expect(await first).toBe(1);
    expect(await read()).toBe(1);
    clock.advance(1);
    void read();
    expect(begun).toHaveLength(2);
  });

  it('is not what somebody wants who must have it fresh, and those who ask next get that', async () => {
    const { begun, read, readAfresh } = world();
    const old = read();
    const fresh = readAfresh();
    begun[1]?.resolve(2);
    expect(await fresh).toBe(2);
    expect(await read()).toBe(2);
    begun[0]?.resolve(1);
    expect(await old).toBe(1);
    expect(await read()).toBe(2);
  });

  it('is not kept when it failed, and a late failure takes nothing with it that came after', async () => {
    const { begun, read, readAfresh } = world();
    const failed = read();
    begun[0]?.reject(new Error('away'));
    await expect(failed).rejects.toThrow('away');
    const late = read();
    const fresh = readAfresh();
    begun[2]?.resolve(3);
    begun[1]?.reject(new Error('away'));
    await expect(late).rejects.toThrow('away');
    expect([await fresh, await read()]).toEqual([3, 3]);
    expect(begun).toHaveLength(3);
  });

  it('is read anew once it is forgotten, also while it is being read', async () => {
    const { begun, read, forget } = world();
    expect(forget()).toBe(false);
    const old = read();
    expect(forget()).toBe(true);
    const next = read();
    begun[1]?.resolve(2);
    begun[0]?.resolve(1);
    expect([await old, await next, await read()]).toEqual([1, 2, 2]);
  });
});
