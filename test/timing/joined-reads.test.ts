import { describe, expect, it } from 'vitest';
import { joinedReads } from '../../src/timing/joined-reads.ts';

/** Reads by number, each ended by hand. */
function world() {
  const begun: { asked: readonly string[]; resolve(value: number): void; reject(error: Error): void }[] = [];
  const read = joinedReads<string, number>((asked) => {
    const { promise, ...ends } = Promise.withResolvers<number>();
    begun.push({ asked, ...ends });
    return promise;
  });
  return { begun, read };
}
/** Until all that can go on has gone on. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('reads that are joined', () => {
  it('are one for all that ask before it begins, with what each asks about', async () => {
    const { begun, read } = world();
    const both = [read('a'), read('b')];
    await settled();
    expect(begun.map(({ asked }) => asked)).toEqual([['a', 'b']]);
    begun[0]?.resolve(1);
    expect(await Promise.all(both)).toEqual([1, 1]);
  });

  it('never answer with a read that began before they were asked for', async () => {
    const { begun, read } = world();
    const first = read('a');
    await settled();
    const later = [read('b'), read('c')];
    await settled();
    expect(begun).toHaveLength(1);
    begun[0]?.resolve(1);
    expect(await first).toBe(1);
    await settled();
    expect(begun.map(({ asked }) => asked)).toEqual([['a'], ['b', 'c']]);
    begun[1]?.resolve(2);
    expect(await Promise.all(later)).toEqual([2, 2]);
    expect(begun).toHaveLength(2);
  });

  it('fail for those that share them, and not for those that ask later', async () => {
    const { begun, read } = world();
    const first = [read('a'), read('b')];
    await settled();
    const later = read('c');
    begun[0]?.reject(new Error('away'));
    expect((await Promise.allSettled(first)).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await settled();
    begun[1]?.resolve(2);
    expect(await later).toBe(2);
  });
});
