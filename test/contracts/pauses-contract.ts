import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Pause } from '../../src/reboot/scheduling/snapshot/pauses.ts';
import type { Pauses } from '../../src/reboot/ports/stores.ts';
import { until } from '../k8s/world/until.ts';

export interface PausesWorld {
  readonly pauses: Pauses;
  /** Another process with the same storage. */
  readonly other: Pauses;
  close(): Promise<void>;
}

/** Pauses that are stored where people can write. */
export interface EditablePausesWorld extends PausesWorld {
  /** Replaces all data, as a person with kubectl would. */
  byHand(data: Readonly<Record<string, string>>): Promise<void>;
}

const cluster: Pause = {
  scope: { kind: 'cluster' },
  by: { kind: 'user', id: 'U0MIA', name: 'mia' },
  at: '2026-11-22T12:00:00.000Z',
  until: '2026-11-23T12:00:00.000Z',
  reason: 'storage migration',
};
const node: Pause = { scope: { kind: 'node', node: 'worker-3.example.com' }, at: '2026-11-22T12:00:00.000Z' };
const pool: Pause = { scope: { kind: 'pool', pool: 'workers' }, at: '2026-11-22T12:00:00.000Z' };

export function pausesContract(name: string, make: () => Promise<PausesWorld>): void {
  describe(`Pauses contract: ${name}`, () => {
    let world: PausesWorld;
    beforeEach(async () => {
      world = await make();
    });
    afterEach(() => world.close());

    it('are none at first', async () => {
      expect(await world.pauses.read()).toEqual([]);
      expect(world.pauses.all()).toEqual([]);
      expect(await world.pauses.lift({ kind: 'cluster' })).toBe('not-paused');
    });

    it('are kept for each scope, and heard of by others', async () => {
      await world.pauses.put(cluster);
      await world.other.put(node);
      await world.pauses.put(pool);
      const byName = (all: readonly Pause[]): readonly Pause[] =>
        all.toSorted((one, two) => (one.scope.kind < two.scope.kind ? -1 : 1));
      expect(byName(await world.other.read())).toEqual([cluster, node, pool]);
      await until('the other hears of them', () => world.other.all().length === 3);
      expect(byName(world.other.all())).toEqual([cluster, node, pool]);
    });

    it('replace an earlier one of the same scope', async () => {
      await world.pauses.put(pool);
      const later: Pause = { ...pool, reason: 'again' };
      await world.other.put(later);
      expect(await world.pauses.read()).toEqual([later]);
    });

    it('are lifted one by one, and only once', async () => {
      await world.pauses.put(cluster);
      await world.pauses.put(node);
      expect(await world.other.lift(cluster.scope)).toBe('lifted');
      expect(await world.other.lift(cluster.scope)).toBe('not-paused');
      expect(await world.pauses.read()).toEqual([node]);
      await until('the watch shows it', () => world.pauses.all().length === 1);
    });

    it('are all kept that are put at once, though nothing was stored before', async () => {
      await Promise.all([world.pauses.put(cluster), world.other.put(node), world.pauses.put(pool)]);
      expect(await world.other.read()).toHaveLength(3);
    });

    it('keep what a card can show of a long reason', async () => {
      await world.pauses.put({ ...pool, reason: 'x'.repeat(1000) });
      expect(await world.other.read()).toEqual([{ ...pool, reason: 'x'.repeat(300) }]);
    });

    it('stay as they were put, whatever is done to the values afterwards', async () => {
      const mutable = { ...pool, scope: { kind: 'pool' as const, pool: 'workers' } };
      await world.pauses.put(mutable);
      mutable.scope.pool = 'db';
      expect(await world.pauses.read()).toEqual([pool]);
    });
  });
}

/** For an adapter whose storage people edit. */
export function handWrittenPausesContract(name: string, make: () => Promise<EditablePausesWorld>): void {
  describe(`Pauses contract, of pauses written by hand: ${name}`, () => {
    let world: EditablePausesWorld;
    beforeEach(async () => {
      world = await make();
    });
    afterEach(() => world.close());

    it('may be written by hand: whatever stands there was meant to pause', async () => {
      await world.byHand({
        'pool.db': 'freeze until the audit',
        'node.n1': '',
        cluster: '{"until":"soon"}',
      });
      const found = await world.pauses.read();
      expect(found).toContainEqual({ scope: { kind: 'pool', pool: 'db' }, reason: 'freeze until the audit' });
      expect(found).toContainEqual({ scope: { kind: 'node', node: 'n1' } });
      expect(found).toContainEqual({ scope: { kind: 'cluster' }, reason: '{"until":"soon"}' });
    });

    it('with a key that names nothing pauses the cluster', async () => {
      await world.byHand({ workres: 'a typing error' });
      expect(await world.pauses.read()).toEqual([{ scope: { kind: 'cluster' }, reason: 'a typing error' }]);
    });
  });
}
