import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HookQuestion, Hooks } from '../../src/reboot/ports/outside.ts';
import type { HookStep } from '../../src/reboot/state/hook-facts.ts';
import { aNode, at } from '../fakes/builders.ts';
import { draining, inState, settling } from '../fakes/states.ts';

/** What the receiver of the webhook says. */
export type Reply =
  | { readonly says: 'yes' | 'nothing' }
  | { readonly says: 'not yet' | 'never'; readonly why: string };

export interface HooksWorld {
  readonly hooks: Hooks;
  readonly hook: HookQuestion['hook'];
  /** From now on, to questions about that node at that step. */
  reply(node: string, step: HookStep, reply: Reply): void;
  close(): Promise<void>;
}

export function hooksContract(name: string, make: () => Promise<HooksWorld>): void {
  describe(`Hooks contract: ${name}`, () => {
    let world: HooksWorld;
    beforeEach(async () => {
      world = await make();
    });
    afterEach(() => world.close());

    const ask = (step: HookStep = 'before', node = 'w1') =>
      world.hooks.ask({
        hook: world.hook,
        step,
        since: at(0),
        pool: 'workers',
        node: aNode({ name: node }),
        reboot: inState(step === 'before' ? draining() : settling(), {
          name: `${node}-4f1c`,
          node: { name: node, uid: `uid-${node}` },
        }),
      });

    it('agrees where the receiver does, at each step', async () => {
      expect(await ask('before')).toEqual({ kind: 'done' });
      expect(await ask('after')).toEqual({ kind: 'done' });
    });

    it('waits where the receiver says not yet, and tells why', async () => {
      world.reply('w1', 'before', { says: 'not yet', why: 'ceph rebalances' });
      expect(await ask()).toEqual({ kind: 'wait', said: expect.stringContaining('ceph rebalances') });
    });

    it('fails where the receiver says no for good, and tells why', async () => {
      world.reply('w1', 'before', { says: 'never', why: 'the backup is broken' });
      expect(await ask()).toEqual({ kind: 'failed', said: expect.stringContaining('the backup is broken') });
    });

    it('waits where there is no answer, says so, and throws nothing', async () => {
      world.reply('w1', 'before', { says: 'nothing' });
      expect(await ask()).toEqual({ kind: 'wait', said: expect.stringMatching(/\w/) });
    });

    it('asks anew each time', async () => {
      world.reply('w1', 'before', { says: 'not yet', why: 'ceph rebalances' });
      expect(await ask()).toMatchObject({ kind: 'wait' });
      world.reply('w1', 'before', { says: 'yes' });
      expect(await ask()).toEqual({ kind: 'done' });
      world.reply('w1', 'before', { says: 'not yet', why: 'ceph rebalances again' });
      expect(await ask()).toMatchObject({ kind: 'wait' });
    });

    it('answers of one node and one step are none of another', async () => {
      world.reply('w1', 'before', { says: 'never', why: 'no' });
      const answers = await Promise.all([ask('before', 'w1'), ask('after', 'w1'), ask('before', 'w2')]);
      expect(answers.map(({ kind }) => kind)).toEqual(['failed', 'done', 'done']);
    });
  });
}
