import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newRebootObject } from '../../src/k8s/records/reboot-object.ts';
import { minute } from '../../src/reboot/time/time.ts';
import { aDecision, aReboot, at, mia } from '../fakes/builders.ts';
import { rebooting, settling } from '../fakes/states.ts';
import type { EarlierWorld } from './earlier-records-contract.ts';

const reboot = aReboot();
const { need, facts } = reboot;
const entry = (what: string, minutes: number) => ({ at: at(minutes * minute), what, by: mia });
const entered = (phase: string, minutes: number) => ({ at: at(minutes * minute), what: 'entered', phase });
const decided = [entry('snoozed', 0), entered('Snoozed', 0), entry('approved', 1)];
const status = { need, facts, pool: 'workers', chat: { replies: {} }, history: decided };
const approved = { ...status, phase: 'Approved', since: at(0), decision: aDecision() };

/** What the API server refuses of a record, for every writer. */
export function recordRulesContract(name: string, make: () => Promise<EarlierWorld>): void {
  describe(`the rules of a record: ${name}`, () => {
    let world: EarlierWorld;
    beforeEach(async () => {
      world = await make();
      await world.create(newRebootObject(reboot));
      await world.merge(reboot.name, approved);
    });
    afterEach(() => world.close());
    const merge = (patch: object): Promise<void> => world.merge(reboot.name, patch);

    it('no phase is entered but from one that leads there', async () => {
      const step = /No reboot goes from the one phase to the other/;
      await expect(merge({ ...rebooting() })).rejects.toThrow(step);
      await expect(merge({ ...settling() })).rejects.toThrow(step);
      await expect(merge({ phase: 'Succeeded' })).rejects.toThrow(step);
      await merge({ phase: 'Draining', deadline: at(minute) });
      await merge({ ...rebooting() });
      await expect(merge({ phase: 'Draining' })).rejects.toThrow(step);
      await merge({ ...settling() });
      await merge({ phase: 'Succeeded' });
      await expect(merge({ phase: 'Pending' })).rejects.toThrow(step);
      expect(await world.stored(reboot.name)).toMatchObject({ phase: 'Succeeded' });
    });

    it('what was decided stays: an entry may be added, and none may go or change', async () => {
      const lost = /The history keeps every decision/;
      await merge({ history: [...decided, entry('cancelled', 2)] });
      await expect(merge({ history: decided })).rejects.toThrow(lost);
      const forged = [entry('denied', 0), ...decided.slice(1), entry('cancelled', 2)];
      await expect(merge({ history: forged })).rejects.toThrow(lost);
    });

    it('an older bot may write the entries of phases without their phase, and shorten a long history', async () => {
      const [, phase, ...rest] = decided;
      const { phase: _dropped, ...older } = { phase: '', ...phase };
      await merge({ history: [decided[0], older, ...rest] });
      const long = Array.from({ length: 60 }, (_, nth) => entry('snoozed', nth));
      await merge({ history: [...decided, ...long] });
      await merge({ history: long.slice(-50) });
      expect(await world.stored(reboot.name)).toMatchObject({ history: long.slice(-50) });
    });
  });
}
