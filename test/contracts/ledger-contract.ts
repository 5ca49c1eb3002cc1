import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Turn } from '../../src/reboot/scheduling/snapshot/ledger.ts';
import type { Ledger } from '../../src/reboot/ports/stores.ts';

export interface LedgerWorld {
  readonly ledger: Ledger;
  /** Another process with the same storage. */
  readonly other: Ledger;
  /** The notes of the Events about the ledger's object. */
  events(): Promise<readonly string[]>;
  close(): Promise<void>;
}

const turn = (node: string, overrides: Partial<Turn> = {}): Turn => ({
  reboot: `${node}-4f1c9a`,
  node,
  pool: 'workers',
  controlPlane: false,
  since: '2026-11-22T12:00:00.000Z',
  ...overrides,
});

const wide = { cluster: 100, pool: 100 };
const one = { cluster: 100, pool: 1 };

/**
 * Of all Events of a namespace, those that `kubectl describe` shows for the ledger, or that are older than
 * its object.
 */
export function ledgerNotes(answer: unknown): readonly string[] {
  const { items } = answer as {
    items: { message: string; involvedObject: { kind: string; name: string } }[];
  };
  return items
    .filter(({ involvedObject: { kind, name } }) => kind === 'ConfigMap' && name === 'tugboot-turns')
    .map(({ message }) => message);
}

export function ledgerContract(name: string, make: () => Promise<LedgerWorld>): void {
  describe(`Ledger contract: ${name}`, () => {
    let world: LedgerWorld;
    let ledger: Ledger;
    beforeEach(async () => {
      world = await make();
      ledger = world.ledger;
    });
    afterEach(() => world.close());

    it('records what concerns no node, twice as well as once, with or without turns', async () => {
      const event = {
        key: 'configuration-refused.1',
        type: 'Warning',
        reason: 'ConfigurationRefused',
        note: 'pools[0].name: Found 5.',
        at: '2026-11-22T12:00:00.000Z',
      } as const;
      await ledger.record(event);
      await ledger.take(turn('n1'), one);
      await ledger.record({ ...event, key: 'configuration-refused.2' });
      await world.other.record({ ...event, key: 'configuration-refused.2' });
      expect(await world.events()).toEqual([event.note, event.note]);
      expect((await ledger.read()).turns).toHaveLength(1);
    });

    it('is empty at first', async () => {
      expect(await ledger.read()).toEqual({ turns: [] });
    });

    it('gives a turn, and shows it to everybody', async () => {
      const taken = turn('n1', { zone: 'a' });
      expect(await ledger.take(taken, one)).toEqual({ taken: true });
      expect(await world.other.read()).toEqual({ turns: [taken] });
    });

    it('gives the same Reboot its turn again without a second entry: a crash may have come between', async () => {
      await ledger.take(turn('n1'), one);
      expect(await ledger.take(turn('n1'), one)).toEqual({ taken: true });
      expect((await ledger.read()).turns).toHaveLength(1);
    });

    it('refuses a turn beyond the limit of the pool, and names who holds it', async () => {
      await ledger.take(turn('n1'), one);
      expect(await ledger.take(turn('n2'), one)).toEqual({
        taken: false,
        why: 'pool',
        holders: [turn('n1')],
      });
    });

    it('refuses a turn beyond the limit of the cluster', async () => {
      await ledger.take(turn('n1', { pool: 'a' }), { cluster: 1, pool: 1 });
      expect(await ledger.take(turn('n2', { pool: 'b' }), { cluster: 1, pool: 1 })).toMatchObject({
        taken: false,
        why: 'cluster',
      });
    });

    it('refuses a second control-plane node in the whole cluster', async () => {
      await ledger.take(turn('cp1', { pool: 'a', controlPlane: true }), wide);
      expect(await ledger.take(turn('cp2', { pool: 'b', controlPlane: true }), wide)).toMatchObject({
        taken: false,
        why: 'control-plane',
      });
    });

    it('knows its own last write, and what is stored before it has any', async () => {
      await ledger.take(turn('n1'), wide);
      expect(await ledger.latest()).toEqual({ turns: [turn('n1')] });
      expect(await world.other.latest()).toEqual({ turns: [turn('n1')] });
      await ledger.release(turn('n1').reboot);
      expect(await ledger.latest()).toEqual({ turns: [] });
    });

    it('decides on what is stored, whatever it knew before', async () => {
      await ledger.read();
      await world.other.take(turn('n1'), one);
      expect(await ledger.take(turn('n2'), one)).toMatchObject({ taken: false, holders: [turn('n1')] });
      await world.other.release(turn('n1').reboot);
      expect(await ledger.take(turn('n2'), one)).toEqual({ taken: true });
      expect(await world.other.release(turn('n2').reboot)).toBe('released');
      expect(await ledger.release(turn('n2').reboot)).toBe('not-held');
    });

    it('refuses a second turn on a node, whatever the limits', async () => {
      await ledger.take(turn('n1'), wide);
      expect(await ledger.take(turn('n1', { reboot: 'n1-next', pool: 'other' }), wide)).toEqual({
        taken: false,
        why: 'pool',
        holders: [turn('n1')],
      });
    });

    it('refuses a turn in one zone too many, and gives one in a zone that has one', async () => {
      const zones = { ...wide, zones: 1 };
      await ledger.take(turn('n1', { zone: 'a' }), zones);
      expect(await ledger.take(turn('n2', { zone: 'b' }), zones)).toMatchObject({
        taken: false,
        why: 'zone',
      });
      expect(await ledger.take(turn('n3', { zone: 'a' }), zones)).toEqual({ taken: true });
    });

    it('refuses a turn where too many nodes of the pool are out, each counted once and its own not', async () => {
      const room = { members: ['n1', 'n2', 'n3'], out: ['n1', 'n2'], mostOut: 2 };
      expect(await ledger.take(turn('n1'), { ...wide, room })).toEqual({ taken: true });
      expect(await ledger.take(turn('n3'), { ...wide, room })).toMatchObject({
        taken: false,
        why: 'too-many-out',
      });
    });

    it('counts a turn on a node of the pool that was taken under another name', async () => {
      await ledger.take(turn('n1', { pool: 'before' }), one);
      const room = { members: ['n1', 'n2'], out: [], mostOut: 2 };
      expect(await ledger.take(turn('n2'), { ...one, room })).toMatchObject({ taken: false, why: 'pool' });
    });

    it('gives a turn again when it was released', async () => {
      await ledger.take(turn('n1'), one);
      expect(await ledger.release(turn('n1').reboot)).toBe('released');
      expect(await ledger.take(turn('n2'), one)).toEqual({ taken: true });
    });

    it('releases a turn once, and no other one with it', async () => {
      await ledger.take(turn('n1'), wide);
      await ledger.take(turn('n2'), wide);
      await ledger.release(turn('n1').reboot);
      expect(await ledger.release(turn('n1').reboot)).toBe('not-held');
      expect(await ledger.read()).toEqual({ turns: [turn('n2')] });
    });

    it('gives one turn, and not two, when many ask at once through several processes', async () => {
      const attempts = Array.from({ length: 6 }, (_, index) =>
        (index % 2 === 0 ? ledger : world.other).take(turn(`n${index}`), one),
      );
      const results = await Promise.all(attempts);
      expect(results.filter((result) => result.taken)).toHaveLength(1);
      expect((await ledger.read()).turns).toHaveLength(1);
    });

    it('loses no turn when many take at once within the limit', async () => {
      const attempts = Array.from({ length: 6 }, (_, index) =>
        (index % 2 === 0 ? ledger : world.other).take(turn(`n${index}`), wide),
      );
      await Promise.all(attempts);
      expect((await ledger.read()).turns).toHaveLength(6);
    });
  });
}
