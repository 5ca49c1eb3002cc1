import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Gatekeeper, StartQuestion } from '../../src/reboot/ports/outside.ts';
import type { Blocker, BlockerCode } from '../../src/reboot/scheduling/blockers/blockers.ts';
import { aDecision, aNode, aPool, aReboot, at } from '../fakes/builders.ts';

export interface GatekeeperWorld {
  readonly gatekeeper: Gatekeeper;
  /** What is to be asked about the pool. */
  readonly gates: Partial<StartQuestion['pool']['gates']>;
  /** For the first start of a stage. */
  readonly before?: StartQuestion['before'];
  /** The code of what `block` puts in the way. */
  readonly code: BlockerCode;
  /** Something is in the way of that node, or of all. */
  block(node: string): Promise<void>;
  unblock(node: string): Promise<void>;
  /** Whether the gate tells nodes apart; else the answer is the same for a whole pool. */
  readonly perNode: boolean;
  /** What the gate asks does not respond any more. */
  goAway(): Promise<void>;
  close(): Promise<void>;
}

const words: unknown = expect.stringMatching(/^\p{Lu}.{10,}/su);

export function gatekeeperContract(name: string, make: () => Promise<GatekeeperWorld>): void {
  describe(`Gatekeeper contract: ${name}`, () => {
    let world: GatekeeperWorld;
    beforeEach(async () => {
      world = await make();
    });
    afterEach(() => world.close());

    const ask = (node = 'w1'): Promise<readonly Blocker[]> =>
      world.gatekeeper.ask({
        pool: aPool({ gates: { ...aPool().gates, ...world.gates } }),
        node: aNode({ name: node }),
        reboot: aReboot({
          name: `${node}-4f1c`,
          node: { name: node, uid: `uid-${node}` },
          state: { phase: 'Approved', since: at(0), decision: aDecision() },
        }),
        ...(world.before === undefined ? {} : { before: world.before }),
      });

    it('has no blocker where nothing is in the way', async () => {
      expect(await ask()).toEqual([]);
    });

    it('names what is in the way, and what would clear it, in words', async () => {
      await world.block('w1');
      expect(await ask()).toMatchObject([
        {
          code: world.code,
          sentence: words,
          clears: words,
        },
      ]);
    });

    it('lets start what the way is free for again', async () => {
      await world.block('w1');
      expect(await ask()).toHaveLength(1);
      await world.unblock('w1');
      expect(await ask()).toEqual([]);
    });

    it('says the same to all who ask at once', async () => {
      await world.block('w1');
      const answers = await Promise.all([ask(), ask(), ask()]);
      const [first] = answers;
      expect(first).toHaveLength(1);
      expect(answers).toEqual([first, first, first]);
    });

    it('holds back the nodes that something is in the way of, and no others', async () => {
      await world.block('w1');
      const answers = await Promise.all([ask('w1'), ask('w2')]);
      expect(answers.map(({ length }) => length)).toEqual([1, world.perNode ? 0 : 1]);
    });

    it('is closed where it cannot ask, says so, and throws nothing', async () => {
      await world.goAway();
      expect(await ask()).toMatchObject([
        {
          code: 'gate-unreachable',
          sentence: words,
          clears: words,
        },
      ]);
    });
  });
}
