import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RebootStore } from '../../src/reboot/ports/stores.ts';
import type { Reboot } from '../../src/reboot/state/reboot.ts';
import { aDecision, aReboot, at, mia } from '../fakes/builders.ts';

export interface StoreWorld {
  readonly store: RebootStore;
  /** Another process with the same storage. */
  readonly other: RebootStore;
  /** Until `all` of both returns what was written. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

const stored = (reboot: Reboot | 'exists' | 'conflict' | 'gone' | undefined): Reboot => {
  if (reboot === undefined || typeof reboot === 'string') throw new Error(`expected a Reboot, got ${reboot}`);
  return reboot;
};

/** The stored content; version and creation time are set by the store. */
const content = ({ version: _version, createdAt: _createdAt, uid: _uid, ...rest }: Reboot): unknown => rest;

const approved = (reboot: Reboot): Reboot => ({
  ...reboot,
  state: { phase: 'Approved', since: at(0), decision: aDecision() },
});

export function rebootStoreContract(name: string, make: () => Promise<StoreWorld>): void {
  describe(`RebootStore contract: ${name}`, () => {
    let world: StoreWorld;
    let store: RebootStore;
    beforeEach(async () => {
      world = await make();
      store = world.store;
    });
    afterEach(() => world.close());

    it('knows nothing of a Reboot that was never created', async () => {
      expect(await store.get('nothing')).toBeUndefined();
      expect(store.all()).toEqual([]);
    });

    it('knows what it has written itself, and of what it has not what is stored', async () => {
      const created = stored(await store.create(aReboot()));
      expect(await store.latest(created.name)).toEqual(created);
      const saved = stored(await store.save({ ...created, chat: { replies: { begun: '1.2' } } }));
      expect(await store.latest(created.name)).toEqual(saved);
      expect(await store.latest('no-such-reboot')).toBeUndefined();
    });

    it('gives back what was created, with a version and a time', async () => {
      const created = stored(await store.create(aReboot()));
      expect(content(created)).toEqual(content(aReboot()));
      expect(created.version).not.toBe('');
      expect(created.uid).toMatch(/./);
      expect(Number.isNaN(Date.parse(created.createdAt))).toBe(false);
      expect(await store.get(created.name)).toEqual(created);
    });

    it('creates a Reboot once, however many ask', async () => {
      await store.create(aReboot());
      expect(await store.create(aReboot())).toBe('exists');
      expect(await world.other.create(aReboot())).toBe('exists');
    });

    it('lets one of several that create at once have created it', async () => {
      const results = await Promise.all([
        store.create(aReboot()),
        world.other.create(aReboot()),
        store.create(aReboot()),
      ]);
      expect(results.filter((result) => result === 'exists')).toHaveLength(2);
    });

    it('saves a change and gives it a new version', async () => {
      const created = stored(await store.create(aReboot()));
      const saved = stored(await store.save(approved(created)));
      expect(saved.version).not.toBe(created.version);
      expect(content(saved)).toEqual(content(approved(created)));
      expect(await world.other.get(created.name)).toEqual(saved);
    });

    it('refuses a save that is based on an older version', async () => {
      const created = stored(await store.create(aReboot()));
      const saved = stored(await store.save(approved(created)));
      const late: Reboot = {
        ...created,
        state: { phase: 'Denied', since: at(1), by: mia, reason: 'not today', riskDigest: 'aaaa' },
      };
      expect(await world.other.save(late)).toBe('conflict');
      expect(await store.get(created.name)).toEqual(saved);
    });

    it('lets one of several that save at once win', async () => {
      const created = stored(await store.create(aReboot()));
      const change = (key: string): Reboot => ({ ...created, chat: { replies: { [key]: 'x' } } });
      const results = await Promise.all([
        store.save(change('a')),
        world.other.save(change('b')),
        store.save(change('c')),
        world.other.save(change('d')),
      ]);
      expect(results.filter((result) => result === 'conflict')).toHaveLength(3);
    });

    it('keeps the time of creation through all saves', async () => {
      const created = stored(await store.create(aReboot()));
      const saved = stored(await store.save(approved(created)));
      expect(saved.createdAt).toBe(created.createdAt);
    });

    it('says that a removed Reboot is gone, and does not bring it back', async () => {
      const created = stored(await store.create(aReboot()));
      await store.remove(created.name);
      expect(await store.save(approved(created))).toBe('gone');
      expect(await store.get(created.name)).toBeUndefined();
    });

    it('removes without complaint what is gone already', async () => {
      await store.remove('nothing');
      expect(await store.get('nothing')).toBeUndefined();
    });

    it('shows its own writes in all at once, and those of others soon', async () => {
      const created = stored(await store.create(aReboot()));
      expect(store.all()).toEqual([created]);
      await world.settled();
      expect(world.other.all()).toEqual([created]);
      await world.other.remove(created.name);
      await world.settled();
      expect(store.all()).toEqual([]);
    });
  });
}
