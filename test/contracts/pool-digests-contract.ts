import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DigestEntry, PoolDigest } from '../../src/reboot/pool-digest/pool-digest.ts';
import type { PoolDigests } from '../../src/reboot/ports/stores.ts';
import { until } from '../k8s/world/until.ts';

export interface PoolDigestsWorld {
  readonly digests: PoolDigests;
  /** Another process with the same storage. */
  readonly other: PoolDigests;
  /** Delivers what the watch of the other has not delivered yet, where it needs that. */
  sync?(): void;
  close(): Promise<void>;
}

const at = '2026-11-22T12:00:00.000Z';
const mia = { kind: 'user', id: 'U0MIA', name: 'mia' } as const;

const entry = (reboot: string, more: Partial<DigestEntry> = {}): DigestEntry => ({
  reboot,
  digest: 'd1',
  from: 1,
  ...more,
});

export const aDigest = (overrides: Partial<PoolDigest> = {}): PoolDigest => ({
  id: 'abc',
  pool: 'workers',
  openedAt: at,
  revision: 3,
  oldest: 1,
  entries: [
    entry('n1-1'),
    entry('n2-1', { digest: 'd2', from: 2 }),
    entry('n1-1', { digest: 'd2', from: 3 }),
    entry('n3-1', { until: 2 }),
  ],
  decisions: [
    {
      id: 'k-1',
      revision: 1,
      of: 2,
      only: ['n1-1', 'n2-1'],
      by: mia,
      at,
      request: { kind: 'approve', mode: 'now', atMost: 2 },
    },
    {
      id: 'k-2',
      revision: 2,
      of: 3,
      by: mia,
      at,
      request: { kind: 'snooze', until: 1_800_000_000_000, reason: 'release' },
      result: { at, applied: 2, refused: 1, refusals: [{ reboot: 'n3-1', sentence: 'It moved.' }] },
    },
    { id: 'k-3', revision: 2, of: 3, by: mia, at, request: { kind: 'deny', reason: 'no' } },
  ],
  chat: { message: { channel: 'C1', ts: '1.2', hash: 'h', revision: 2 }, replies: { failed: '1.3' } },
  shown: [{ revision: 2, at }],
  ...overrides,
});

export function poolDigestsContract(name: string, make: () => Promise<PoolDigestsWorld>): void {
  describe(`PoolDigests contract: ${name}`, () => {
    let world: PoolDigestsWorld;
    beforeEach(async () => {
      world = await make();
    });
    afterEach(() => world.close());

    const heard = (what: string, holds: (all: readonly PoolDigest[]) => boolean): Promise<void> =>
      until(what, () => {
        world.sync?.();
        return holds(world.other.all());
      });

    it('are none at first', async () => {
      expect(world.digests.all()).toEqual([]);
      expect(await world.digests.read('workers')).toBeUndefined();
      expect(await world.digests.update('workers', (stored) => stored)).toBeUndefined();
    });

    it('are kept as they were put, one for each pool, and heard of by others', async () => {
      const db = aDigest({ pool: 'db', id: 'def', decisions: [], chat: {}, shown: [], closedAt: at });
      expect(await world.digests.update('workers', () => aDigest())).toEqual(aDigest());
      expect(await world.other.update('db', () => db)).toEqual(db);
      expect(await world.digests.read('db')).toEqual(db);
      expect(await world.other.read('workers')).toEqual(aDigest());
      await heard('the other hears of both', (all) => all.length === 2);
      expect(world.other.all().toSorted((one, two) => (one.pool < two.pool ? -1 : 1))).toEqual([
        db,
        aDigest(),
      ]);
    });

    it('are the same value while they are not changed', async () => {
      await world.digests.update('workers', () => aDigest());
      const [before] = world.digests.all();
      await world.digests.update('db', () => aDigest({ pool: 'db' }));
      expect(world.digests.all().find(({ pool }) => pool === 'workers')).toBe(before);
    });

    it('are removed, and their pools may have others then', async () => {
      await world.digests.update('workers', () => aDigest());
      expect(await world.digests.update('workers', () => undefined)).toBeUndefined();
      expect(await world.other.read('workers')).toBeUndefined();
      await world.other.update('workers', () => aDigest({ id: 'next' }));
      expect(await world.digests.read('workers')).toMatchObject({ id: 'next' });
    });

    it('lose no change of several that are made at once, whatever their processes have seen', async () => {
      const add = (digests: PoolDigests, reboot: string) =>
        digests.update('workers', (stored = aDigest({ entries: [] })) => ({
          ...stored,
          entries: [...stored.entries, entry(reboot)],
        }));
      await Promise.all([add(world.digests, 'a'), add(world.other, 'b')]);
      await Promise.all([
        add(world.digests, 'c'),
        add(world.other, 'd'),
        world.other.update('db', () => aDigest({ pool: 'db' })),
      ]);
      const stored = await world.digests.read('workers');
      expect(stored?.entries.map(({ reboot }) => reboot).toSorted()).toEqual(['a', 'b', 'c', 'd']);
      expect(await world.digests.read('db')).toBeDefined();
    });

    it('are kept beside the lists that were shown, and neither loses what the other is given', async () => {
      const list = {
        id: 'l1',
        at,
        request: { kind: 'approve', mode: 'now' },
        entries: [{ reboot: 'n1-1', pool: 'workers', digest: 'd1' }],
      } as const;
      expect(world.digests.lists.all()).toEqual([]);
      expect(await world.digests.lists.read()).toEqual([]);
      await Promise.all([
        world.digests.update('workers', () => aDigest()),
        world.other.lists.update((lists) => [...lists, list]),
        world.digests.lists.update((lists) => [...lists, { ...list, id: 'l2' }]),
      ]);
      const stored = await world.other.lists.read();
      expect(stored.map(({ id }) => id).toSorted()).toEqual(['l1', 'l2']);
      expect(stored.find(({ id }) => id === 'l1')).toEqual(list);
      expect(await world.digests.read('workers')).toEqual(aDigest());
      await heard('the other hears of the lists', () => world.other.lists.all().length === 2);
      expect(world.other.all()).toEqual([aDigest()]);
    });

    it('hold 5,000 nodes of a pool, and say what does not fit', async () => {
      const named = (count: number, length: number): readonly DigestEntry[] =>
        Array.from({ length: count }, (_, index) => entry(`${'n'.repeat(length)}-${index}`));
      const large = aDigest({ entries: named(5000, 60), decisions: [] });
      await world.digests.update('workers', () => large);
      expect((await world.other.read('workers'))?.entries).toHaveLength(5000);
      expect(
        await world.digests.update('db', () => aDigest({ pool: 'db', entries: named(10_000, 90) })),
      ).toBe('too-large');
      expect(await world.other.read('db')).toBeUndefined();
      expect(await world.digests.read('workers')).toEqual(large);
    });
  });
}
