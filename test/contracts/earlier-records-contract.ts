import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newRebootObject } from '../../src/k8s/records/reboot-object.ts';
import type { RebootStore } from '../../src/reboot/ports/stores.ts';
import { minute } from '../../src/reboot/time/time.ts';
import type { Reboot } from '../../src/reboot/state/reboot.ts';
import { aDecision, aReboot, at, lee, mia } from '../fakes/builders.ts';
import { draining } from '../fakes/states.ts';

export interface EarlierWorld {
  readonly store: RebootStore;
  /** Creates an object as an earlier version did. */
  create(object: unknown): Promise<void>;
  /** Merges a patch into the status, as a bot of an earlier version does. */
  merge(name: string, status: object): Promise<void>;
  stored(name: string): Promise<Readonly<Record<string, unknown>>>;
  close(): Promise<void>;
}

const reboot = aReboot();
const { need, facts } = reboot;
const common = { need, facts, pool: 'workers', chat: { replies: {} }, history: [] };
const firing = { code: 'alerts-firing', sentence: 'Alert X fires.', clears: 'It clears.' };
const paused = { code: 'paused', sentence: 'It is paused.', clears: 'Resume it.' };
const approved = {
  phase: 'Approved',
  since: at(0),
  decision: aDecision(),
  held: { at: at(minute), blockers: [firing] },
  waits: { at: at(minute), blockers: [paused] },
};
const failed = {
  phase: 'Failed',
  since: at(0),
  code: 'drain-error',
  sentence: 'x',
  failedFrom: draining(),
  tidied: false,
};
const givenUp = { by: lee, at: at(minute), leaveCordoned: false };

const present = (read: Reboot | 'conflict' | 'gone' | undefined): Reboot =>
  read === undefined || typeof read === 'string' ? expect.unreachable(String(read)) : read;

/** Records of 0.1.0 and of later versions before the present one, and bots of those beside this one. */
export function earlierRecordsContract(name: string, make: () => Promise<EarlierWorld>): void {
  describe(`records of earlier versions: ${name}`, () => {
    let world: EarlierWorld;
    beforeEach(async () => {
      world = await make();
      await world.create(newRebootObject(reboot));
    });
    afterEach(() => world.close());

    const read = async (status: object): Promise<Reboot> => {
      await world.merge(reboot.name, { ...common, ...status });
      return present(await world.store.get(reboot.name));
    };

    it('are read in the present shape, and stored in it with the next write, without the fields of the old one', async () => {
      const before = await read(approved);
      expect(before.state).toMatchObject({
        blockers: [
          { ...firing, source: 'gatekeeper', at: at(minute) },
          { ...paused, source: 'plan', at: at(minute) },
        ],
      });
      const saved = present(await world.store.save({ ...before, chat: { replies: { begun: '1.2' } } }));
      expect(saved.state).toEqual(before.state);
      const stored = await world.stored(reboot.name);
      expect(stored).not.toHaveProperty('held');
      expect(stored).not.toHaveProperty('waits');
      expect(stored).toMatchObject({ phase: 'Approved', blockers: [firing, paused] });
    });

    it('that were given up are GivenUp, and owe what they owed', async () => {
      const before = await read({ ...failed, givenUp });
      expect(before).toMatchObject({
        state: { phase: 'GivenUp', by: lee, since: at(minute), code: 'drain-error', leaveCordoned: false },
        cleanup: { since: at(minute) },
      });
      const cleanup = { since: at(minute), endedAt: at(2 * minute) };
      present(await world.store.save({ ...before, cleanup }));
      const stored = await world.stored(reboot.name);
      expect(stored).toMatchObject({ phase: 'GivenUp', cleanup });
      for (const old of ['givenUp', 'tidied']) expect(stored).not.toHaveProperty(old);
    });

    it('that were undone in 0.1.0 wait again, and what is done with is not read a second time', async () => {
      const { held: _held, waits: _waits, ...state } = approved;
      const before = await read({ ...state, putBack: { at: at(0), why: 'stuck' } });
      expect(before.state).toMatchObject({ retry: { why: 'stuck', notBefore: at(0) } });
      const fresh = { phase: 'Approved', since: at(minute), decision: aDecision() } as const;
      present(await world.store.save({ ...before, state: fresh }));
      expect(present(await world.store.get(reboot.name)).state).toEqual(fresh);
    });

    it('count where an older bot wrote last: it ends a clean-up, and begins a phase', async () => {
      const before = await read({ phase: 'Pending', since: at(0), approvals: [] });
      const end = { phase: 'Cancelled', since: at(minute), by: mia, from: 'Draining' } as const;
      const owing = present(
        await world.store.save({ ...before, state: end, cleanup: { since: at(minute) } }),
      );
      expect(owing.cleanup).toEqual({ since: at(minute) });
      await world.merge(reboot.name, { tidied: true });
      expect(present(await world.store.get(reboot.name))).not.toHaveProperty('cleanup');
      const asked = { phase: 'Pending', since: at(2 * minute), approvals: [] };
      await world.merge(reboot.name, { ...asked, by: null, endedFrom: null, tidied: null });
      expect(present(await world.store.get(reboot.name))).toMatchObject({ state: asked });
    });
  });
}
