import { describe, expect, it } from 'vitest';
import { ledgerSwaps, type StoredLedger } from '../../../src/k8s/records/ledger-swaps.ts';
import {
  admit,
  emptyLedger,
  type LedgerState,
  type Turn,
  withoutTurn,
  withTurn,
} from '../../../src/reboot/scheduling/snapshot/ledger.ts';
import { PortError } from '../../../src/reboot/ports/port-error.ts';
import { at } from '../../fakes/builders.ts';

const turn = (node: string): Turn => ({
  reboot: `${node}-1`,
  node,
  pool: 'workers',
  controlPlane: false,
  since: at(0),
});

/** A stored ledger whose writes wait until they are let through. */
function aStore(state: LedgerState = emptyLedger) {
  let stored = { state, version: '1' };
  const held: (() => void)[] = [];
  const counts = { reads: 0, writes: 0 };
  const swap = ledgerSwaps({
    known: () => undefined,
    read: async () => {
      counts.reads += 1;
      return stored;
    },
    async replace(next: StoredLedger) {
      counts.writes += 1;
      await new Promise<void>((resolve) => held.push(resolve));
      if (next.version !== stored.version) return false;
      stored = { state: next.state, version: `${Number(stored.version) + 1}` };
      return true;
    },
    pause: async () => undefined,
  });
  const take = (node: string, pool = 10) =>
    swap((now) => {
      const result = admit(now, turn(node), { cluster: 10, pool });
      return { next: result.taken ? withTurn(now, turn(node)) : now, result };
    });
  return {
    counts,
    swap,
    take,
    /** Another process writes. */
    interfere: (next: LedgerState) => {
      stored = { state: next, version: `${Number(stored.version) + 1}` };
    },
    async letThrough() {
      while (held.length === 0) await new Promise(setImmediate);
      held.splice(0).forEach((go) => go());
      await new Promise(setImmediate);
    },
    nodes: () => stored.state.turns.map(({ node }) => node),
  };
}

describe('changes of the ledger by one process', () => {
  it('that come during a write share the next one', async () => {
    const store = aStore();
    const all = ['a', 'b', 'c', 'd'].map((node) => store.take(node));
    await store.letThrough();
    await store.letThrough();
    expect((await Promise.all(all)).every(({ taken }) => taken)).toBe(true);
    expect(store.nodes()).toEqual(['a', 'b', 'c', 'd']);
    expect(store.counts).toEqual({ reads: 2, writes: 2 });
  });

  it('are decided one after another: of two that share a write and one place, the second gets none', async () => {
    const store = aStore();
    const first = store.take('a');
    const [second, third] = [store.take('b', 2), store.take('c', 2)];
    await store.letThrough();
    await store.letThrough();
    await first;
    expect([(await second).taken, (await third).taken]).toEqual([true, false]);
    expect(store.nodes()).toEqual(['a', 'b']);
  });

  it('are decided anew after a write of another process, all of them', async () => {
    const store = aStore();
    const first = store.take('a', 1);
    await new Promise(setImmediate);
    store.interfere({ turns: [turn('z')] });
    await store.letThrough();
    expect((await first).taken).toBe(false);
    expect(store.nodes()).toEqual(['z']);
  });

  it('do not fail with one that cannot be decided', async () => {
    const store = aStore({ turns: [turn('x')] });
    const first = store.take('a');
    const broken = store.swap(() =>
      Promise.reject(new PortError('cluster-unreachable', 'gone', { retryable: true })),
    );
    const released = store.swap((now) => ({ next: withoutTurn(now, 'x-1'), result: 'released' }));
    const failed = expect(broken).rejects.toThrow('gone');
    await store.letThrough();
    await store.letThrough();
    await failed;
    expect([(await first).taken, await released]).toEqual([true, 'released']);
    expect(store.nodes()).toEqual(['a']);
  });

  it('fail together where the ledger cannot be read, and the next is tried', async () => {
    let reads = 0;
    const swap = ledgerSwaps({
      known: () => undefined,
      read: async () => {
        reads += 1;
        if (reads === 1) throw new PortError('cluster-unreachable', 'gone', { retryable: true });
        return { state: emptyLedger, version: '1' };
      },
      replace: async () => true,
      pause: async () => undefined,
    });
    const look = () => swap((state) => ({ next: state, result: state.turns.length }));
    await expect(look()).rejects.toThrow('gone');
    expect(await look()).toBe(0);
  });
});
