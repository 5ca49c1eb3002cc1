import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asks, entriesByName } from '../../../src/reboot/pool-digest/asking.ts';
import { membership } from '../../../src/reboot/pool-digest/membership.ts';
import {
  currentEntries,
  type DigestEntry,
  entriesAt,
  entryShownAt,
  type PoolDigest,
  shownDigest,
} from '../../../src/reboot/pool-digest/pool-digest.ts';
import { readDigest, writeDigest } from '../../../src/reboot/pool-digest/stored-digest.ts';
import type { Reboot } from '../../../src/reboot/state/reboot.ts';
import { minute, toTimestamp } from '../../../src/reboot/time/time.ts';
import { aReboot, noon } from '../../fakes/builders.ts';

import { runsOf } from '../../property-runs.ts';

type Act =
  | { readonly kind: 'pass'; readonly minutes: number }
  | {
      readonly kind: 'ask' | 'packages' | 'approve' | 'deny' | 'lapse' | 'end' | 'move' | 'delete';
      readonly node: number;
    }
  | { readonly kind: 'decide-all' | 'end-all' };

const node = fc.nat({ max: 9 });
const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('ask' as const), node }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('pass' as const), minutes: fc.nat({ max: 15 }) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constantFrom('packages', 'approve', 'deny', 'lapse', 'end', 'move', 'delete'),
      node,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('decide-all' as const, 'end-all' as const) }) },
);

const by = { kind: 'user', id: 'U0MIA', name: 'mia' } as const;

class Pool {
  readonly reboots = new Map<number, Reboot>();
  readonly met = new Set<string>();
  now = noon;
  digest: PoolDigest | undefined;
  #need = 0;
  #ids = 0;
  readonly #digestFrom: number;
  /** What each revision showed when it was the latest. */
  readonly #shown = new Map<string, readonly DigestEntry[]>();

  constructor(digestFrom: number) {
    this.#digestFrom = digestFrom;
  }

  act(next: Act): void {
    if ('node' in next) this.#change(next.kind, next.node);
    if (next.kind === 'pass') this.now += next.minutes * minute;
    else if (next.kind === 'decide-all') this.#decideAll();
    else if (next.kind === 'end-all') for (const index of this.reboots.keys()) this.#change('end', index);
    this.#check(this.update());
  }

  update(): PoolDigest | undefined {
    const before = this.digest;
    this.digest = membership(before, {
      pool: 'workers',
      reboots: [...this.reboots.values()],
      digestFrom: this.#digestFrom,
      now: this.now,
      elsewhere: 0,
      idOf: (pool) => {
        this.#ids += 1;
        return `${pool}-${this.#ids}`;
      },
    });
    return before;
  }

  #decideAll(): void {
    if (!this.digest) return;
    const { revision } = this.digest;
    const at = toTimestamp(this.now);
    const decision = { id: `${this.now}`, revision, of: 1, by, at } as const;
    const request = { kind: 'approve', mode: 'now' } as const;
    this.digest = { ...this.digest, decisions: [...this.digest.decisions, { ...decision, request }] };
  }

  #change(kind: Exclude<Act['kind'], 'pass' | 'decide-all' | 'end-all'>, index: number): void {
    const at = toTimestamp(this.now);
    const reboot = this.reboots.get(index);
    const set = (changes: Partial<Reboot>): void => {
      if (reboot) this.reboots.set(index, { ...reboot, ...changes });
    };
    const pending = { phase: 'Pending', since: at, approvals: [] } as const;
    const asked = reboot !== undefined && asks(reboot);
    switch (kind) {
      case 'ask': {
        if (reboot) return;
        const name = `n${index}-${this.now}`;
        this.reboots.set(index, aReboot({ name, createdAt: at, state: pending }));
        return;
      }
      case 'packages':
        if (asked) set({ need: this.#otherNeed(reboot) });
        return;
      case 'approve':
        if (asked) {
          const { digest, riskDigest } = reboot.need;
          const decision = { mode: 'now', at, digest, riskDigest, approvals: [] } as const;
          set({ state: { phase: 'Approved', since: at, decision } });
        }
        return;
      case 'deny':
        if (asked) set({ state: { phase: 'Denied', since: at, by, reason: 'no', riskDigest: '' } });
        return;
      case 'lapse':
        if (reboot?.state.phase === 'Approved') {
          const lapse = { at, added: [], removed: [] };
          set({ state: { ...pending, lapse }, need: this.#otherNeed(reboot) });
        }
        return;
      case 'end':
        set({ state: { phase: 'Superseded', since: at, why: 'booted', from: 'Pending' } });
        return;
      case 'move':
        if (asked) set({ pool: 'db' });
        return;
      case 'delete':
        this.reboots.delete(index);
    }
  }

  #otherNeed({ need }: Reboot): Reboot['need'] {
    this.#need += 1;
    return { ...need, digest: `need-${this.#need}`, riskDigest: `risk-${this.#need}` };
  }

  #check(before: PoolDigest | undefined): void {
    const { digest } = this;
    if (!digest) return;
    this.#checkRevisions(digest, before);
    this.#checkEntries(digest);
    const again = this.update();
    expect(this.digest, 'the list is at rest').toBe(again);
    const read = readDigest(writeDigest(digest));
    expect(read).toEqual(digest);
    if (before?.id !== digest.id) this.met.add('opened');
    else if (before.revision < digest.revision) this.met.add('changed');
    if (digest.closedAt !== undefined) this.met.add('closed');
  }

  /** What a button was shown with stays what it decides on. */
  #checkRevisions(digest: PoolDigest, before: PoolDigest | undefined): void {
    if (before?.id === digest.id)
      expect(digest.revision > before.revision, 'the revision grows with the list').toBe(
        digest.entries !== before.entries,
      );
    const namesIn = (entries: readonly DigestEntry[]) =>
      entries.map(({ reboot, digest: of }) => [reboot, of]);
    for (let revision = digest.oldest; revision <= digest.revision; revision += 1) {
      const key = `${digest.id} ${revision}`;
      const known = this.#shown.get(key);
      const shown = entriesAt(digest, revision);
      if (known) expect(namesIn(shown), key).toEqual(namesIn(known));
      else this.#shown.set(key, shown);
    }
  }

  #checkEntries(digest: PoolDigest): void {
    const current = currentEntries(digest);
    expect(new Set(current.map(({ reboot }) => reboot)).size).toBe(current.length);
    const listed = entriesByName(digest);
    for (const reboot of this.reboots.values()) {
      const entry = listed.get(reboot.name);
      const isLeaver = !entry && digest.entries.some((each) => each.reboot === reboot.name);
      if (isLeaver) this.met.add('left');
      if (!entry || !asks(reboot) || digest.closedAt !== undefined) continue;
      expect(entry.digest, 'shows the packages of those that ask').toBe(shownDigest(reboot.need.digest));
      expect(reboot.pool).toBe('workers');
      if (reboot.createdAt !== toTimestamp(this.now)) this.met.add('asks on');
    }
    if (digest.closedAt === undefined)
      for (const reboot of this.reboots.values())
        if (asks(reboot) && reboot.pool === 'workers' && reboot.createdAt >= digest.openedAt)
          expect(
            digest.entries.some((entry) => entry.reboot === reboot.name),
            'who asks while it is open joins',
          ).toBe(true);
  }
}

const runs = runsOf(400);

describe('the list of a pool digest', () => {
  it('keeps what each revision showed, shows those that ask as they are, and comes to rest', () => {
    const met = new Map<string, number>();
    fc.assert(
      fc.property(fc.array(act, { minLength: 20, maxLength: 80 }), fc.nat({ max: 4 }), (acts, digestFrom) => {
        const pool = new Pool(digestFrom);
        for (const each of acts) pool.act(each);
        for (const what of pool.met) met.set(what, (met.get(what) ?? 0) + 1);
      }),
      { numRuns: runs },
    );
    for (const what of ['opened', 'changed', 'left', 'asks on'])
      expect(met.get(what) ?? 0, what).toBeGreaterThan(runs / 5);
    expect(met.get('closed') ?? 0, 'closed').toBeGreaterThan(runs / 20);
  });

  it('begins the notice of an entry with the first message that shows it', () => {
    const shown = [
      { revision: 2, at: toTimestamp(noon) },
      { revision: 5, at: toTimestamp(noon + minute) },
    ];
    expect(entryShownAt({ shown }, { from: 1 })).toBe(noon);
    expect(entryShownAt({ shown }, { from: 3 })).toBe(noon + minute);
    expect(entryShownAt({ shown }, { from: 6 })).toBeUndefined();
  });
});
