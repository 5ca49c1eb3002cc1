import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SilenceAnswer, Silences, SilenceWish } from '../../src/reboot/ports/silences.ts';
import { type Instant, minute } from '../../src/reboot/time/time.ts';

export interface SilencesWorld {
  readonly silences: Silences;
  /** Another process with the same Alertmanager. */
  readonly other: Silences;
  readonly silence: SilenceWish['silence'];
  /** The time of both processes. */
  now(): Instant;
  advance(ms: number): void;
  /** How many silences are in force. */
  active(): Promise<number>;
  /** From now on the Alertmanager does not respond. */
  goAway(): Promise<void>;
  close(): Promise<void>;
}

const longest = 30 * minute;

export function silencesContract(name: string, make: () => Promise<SilencesWorld>): void {
  describe(`Silences contract: ${name}`, () => {
    let world: SilencesWorld;
    beforeEach(async () => {
      world = await make();
    });
    afterEach(() => world.close());

    const wish = (node = 'w1'): SilenceWish => ({
      silence: world.silence,
      node,
      reboot: `${node}-4f1c9a`,
    });
    const endOf = (answer: SilenceAnswer): Instant => {
      if (!answer.ok) throw new Error(`expected a silence, got: ${answer.problem}`);
      return answer.found;
    };

    it('keeps alerts quiet for a bounded time, and says until when', async () => {
      const end = endOf(await world.silences.keep(wish()));
      expect(end).toBeGreaterThan(world.now());
      expect(end).toBeLessThanOrEqual(world.now() + longest);
      expect(await world.active()).toBe(1);
    });

    it('finds what another process made, and makes no second one', async () => {
      const end = endOf(await world.silences.keep(wish()));
      expect(endOf(await world.other.keep(wish()))).toBe(end);
      expect(await world.active()).toBe(1);
    });

    it('extends one that is nearly over, whichever process made it', async () => {
      const first = endOf(await world.silences.keep(wish()));
      world.advance(longest - 5 * minute);
      expect(endOf(await world.other.keep(wish()))).toBeGreaterThan(first);
      expect(await world.active()).toBe(1);
    });

    it('has one for each Reboot, and ends no other with it', async () => {
      await world.silences.keep(wish('w1'));
      await world.silences.keep(wish('w2'));
      expect(await world.active()).toBe(2);
      endOf(await world.other.end(wish('w1')));
      expect(await world.active()).toBe(1);
    });

    it('ends one now, and what is ended already as well', async () => {
      await world.silences.keep(wish());
      for (const answer of [await world.other.end(wish()), await world.silences.end(wish())])
        expect(endOf(answer)).toBeLessThanOrEqual(world.now());
      expect(await world.active()).toBe(0);
    });

    it('ends what there never was', async () => {
      expect(await world.silences.end(wish())).toMatchObject({ ok: true });
    });

    it('makes a new one after the end', async () => {
      await world.silences.keep(wish());
      await world.silences.end(wish());
      expect(endOf(await world.silences.keep(wish()))).toBeGreaterThan(world.now());
      expect(await world.active()).toBe(1);
    });

    it('says in words what went wrong, and throws nothing', async () => {
      await world.silences.keep(wish());
      await world.goAway();
      for (const answer of [await world.silences.keep(wish()), await world.silences.end(wish())])
        expect(answer).toEqual({ ok: false, problem: expect.stringMatching(/\w/) });
    });
  });
}
