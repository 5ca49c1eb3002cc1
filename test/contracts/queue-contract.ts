import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Queue } from '../../src/reboot/ports/queue.ts';
import type { Instant } from '../../src/reboot/time/time.ts';

/** `method id`, as in a call of the port. */
export type Handle = (method: keyof Queue, id: string) => Promise<void>;

export interface QueueWorld {
  readonly queue: Queue;
  /** Another process with the same server. */
  readonly other: Queue;
  now(): Instant;
  /** Begins to carry out what was added, and what will be. */
  start(handle: Handle): void;
  /** Waits for a condition, and advances a fake clock meanwhile. */
  until(what: string, holds: () => boolean): Promise<void>;
  /** A queue whose server is gone. */
  unreachable(): Promise<Queue>;
  close(): Promise<void>;
}

export function queueContract(name: string, make: () => Promise<QueueWorld>): void {
  describe(`Queue contract: ${name}`, () => {
    let world: QueueWorld;
    let queue: Queue;
    let done: string[];
    beforeEach(async () => {
      world = await make();
      queue = world.queue;
      done = [];
    });
    afterEach(() => world.close());

    const handle: Handle = async (method, id) => void done.push(`${method} ${id}`);
    /** Until as much was done, and what was added after that as well. */
    const finished = async (least: number): Promise<readonly string[]> => {
      await world.until(`${least} jobs are done`, () => done.length >= least);
      await queue.reconcile('the-last');
      await world.until('the last one is done', () => done.includes('reconcile the-last'));
      return done.filter((entry) => !entry.endsWith('the-last')).toSorted();
    };

    it('has each kind of work done, by its id', async () => {
      world.start(handle);
      await queue.reconcileNode('n1');
      await queue.plan();
      await queue.start('r1');
      await queue.reconcile('r1');
      await queue.drain('r1');
      await queue.render('r1');
      await queue.updateDigest('workers');
      await queue.spread('workers');
      expect(await finished(8)).toEqual([
        'drain r1',
        'plan all',
        'reconcile r1',
        'reconcileNode n1',
        'render r1',
        'spread workers',
        'start r1',
        'updateDigest workers',
      ]);
    });

    it('has done once what is asked for often before it begins, by however many, and each other id as well', async () => {
      for (const asked of [queue, world.other, queue]) {
        await asked.reconcile('r1');
        await asked.reconcile('r2');
        await asked.render('r1');
        await asked.reconcileNode('n1');
        await asked.drain('r1');
      }
      world.start(handle);
      const all = ['drain r1', 'reconcile r1', 'reconcile r2', 'reconcileNode n1', 'render r1'];
      expect(await finished(5)).toEqual(all);
    });

    it('has done once more what is asked for while it is being done, and never two at once', async () => {
      let atOnce = 0;
      let most = 0;
      world.start(async (method, id) => {
        if (id === 'r1') {
          atOnce += 1;
          most = Math.max(most, atOnce);
          if (done.length === 0) for (const asked of [queue, world.other, queue]) await asked.reconcile('r1');
          atOnce -= 1;
        }
        await handle(method, id);
      });
      await queue.reconcile('r1');
      expect(await finished(2)).toEqual(['reconcile r1', 'reconcile r1']);
      expect(most).toBe(1);
    });

    it('carries out the steps of what is under way before it looks at hundreds that wait', async () => {
      const many = 200;
      for (let nth = 0; nth < many; nth += 1) await queue.reconcile(`w${nth}`, undefined, 'wait');
      await world.other.reconcile('w150', undefined, 'cordon');
      await queue.reconcile('r1', undefined, 'verify');
      world.start(handle);
      await world.until('all are done', () => done.length >= many + 2);
      // As many as are at work at once may have begun before.
      expect(done.indexOf('reconcile w150')).toBeLessThan(many / 2);
      expect(done.indexOf('reconcile r1')).toBeLessThan(many / 2);
      // What waits is not dropped for the step, nor the step for it.
      expect(done.filter((entry) => entry === 'reconcile w150')).toHaveLength(2);
      expect(new Set(done).size).toBe(many + 1);
    });

    it('looks once more at one that waits where it is asked for meanwhile, behind the steps again', async () => {
      let asked = false;
      world.start(async (method, id) => {
        if (id === 'w1' && !asked) {
          asked = true;
          for (const one of [queue, world.other, queue]) await one.reconcile('w1', undefined, 'wait');
        }
        await handle(method, id);
      });
      await queue.reconcile('w1', undefined, 'wait');
      await world.until('it is done twice', () => done.length >= 2);
      expect(await finished(2)).toEqual(['reconcile w1', 'reconcile w1']);
    });

    it('wakes a Reboot at a time and not before, once for each time, and at once meanwhile', async () => {
      const times: Instant[] = [];
      world.start(async (method, id) => {
        if (id === 'r1') times.push(world.now());
        await handle(method, id);
      });
      // Far enough that all four are added before: a time that has passed is now.
      const [due, later] = [world.now() + 3000, world.now() + 3500];
      for (const asked of [queue, world.other]) {
        await asked.reconcile('r1', due);
        await asked.reconcile('r1', later);
      }
      await queue.reconcile('r1');
      expect(await finished(3)).toEqual(['reconcile r1', 'reconcile r1', 'reconcile r1']);
      expect(times[0]).toBeLessThan(due);
      expect(times[1]).toBeGreaterThanOrEqual(due);
      expect(times[2]).toBeGreaterThanOrEqual(later);
    });

    it('updates a digest at a time and not before, and at once meanwhile', async () => {
      const times: Instant[] = [];
      world.start(async (method, id) => {
        if (id === 'workers') times.push(world.now());
        await handle(method, id);
      });
      const due = world.now() + 3000;
      for (const asked of [queue, world.other, queue]) await asked.updateDigest('workers', due);
      await queue.updateDigest('workers');
      expect(await finished(2)).toEqual(['updateDigest workers', 'updateDigest workers']);
      expect(times[0]).toBeLessThan(due);
      expect(times[1]).toBeGreaterThanOrEqual(due);
    });

    it('plans at a time and not before, and at once meanwhile', async () => {
      const times: Instant[] = [];
      world.start(async (method, id) => {
        if (id === 'all') times.push(world.now());
        await handle(method, id);
      });
      const due = world.now() + 3000;
      for (const asked of [queue, world.other, queue]) await asked.plan(due);
      await queue.plan();
      expect(await finished(2)).toEqual(['plan all', 'plan all']);
      expect(times[0]).toBeLessThan(due);
      expect(times[1]).toBeGreaterThanOrEqual(due);
    });

    it('takes a time that has passed for now', async () => {
      world.start(handle);
      await queue.reconcile('r1', world.now() - 1000);
      expect(await finished(1)).toEqual(['reconcile r1']);
    });

    it('says that it cannot be reached', async () => {
      const gone = await world.unreachable();
      const away = { code: 'queue-unreachable', retryable: true };
      await expect(gone.reconcileNode('n1')).rejects.toMatchObject(away);
      await expect(gone.reconcile('r1')).rejects.toMatchObject(away);
      await expect(gone.reconcile('r1', world.now() + 1000)).rejects.toMatchObject(away);
      await expect(gone.drain('r1')).rejects.toMatchObject(away);
      await expect(gone.render('r1')).rejects.toMatchObject(away);
    });
  });
}
