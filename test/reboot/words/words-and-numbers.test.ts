import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { admit, emptyLedger, withoutTurn, withTurn } from '../../../src/reboot/scheduling/snapshot/ledger.ts';
import { nearest } from '../../../src/reboot/words/nearest.ts';
import { rebootName } from '../../../src/reboot/nodes/reboot-name.ts';
import { needOf, packageDiff, riskOf } from '../../../src/reboot/signals/packages.ts';
import { parseSelector } from '../../../src/reboot/policy/selector.ts';
import { hour, inWords, minute, second } from '../../../src/reboot/time/time.ts';
import { aReport, noon } from '../../fakes/builders.ts';
import { outcomeCounts } from '../../property-runs.ts';

const digest = (text: string): string =>
  Array.from(text)
    .reduce((sum, char) => (sum * 31 + (char.codePointAt(0) ?? 0)) >>> 0, 7)
    .toString(16);

describe('durations', () => {
  it.each([
    [0, '0 s'],
    [400, '0 s'],
    [51 * second, '51 s'],
    [4 * minute + 12 * second, '4 min 12 s'],
    [5 * hour + 12 * minute + 59 * second, '5 h 12 min'],
    [24 * hour, '1 d'],
    [-5, '0 s'],
  ])('%i ms are "%s"', (span, words) => expect(inWords(span)).toBe(words));
});

describe('packages', () => {
  it.each([
    ['linux-image-6.8.0-49-generic', 'kernel'],
    ['linux-base', 'kernel'],
    ['kernel-core', 'kernel'],
    ['kernel-default', 'kernel'],
    ['libc6', 'libc'],
    ['glibc', 'libc'],
    ['systemd', 'init'],
    ['dbus', 'init'],
    ['intel-microcode', 'firmware'],
    ['linux-firmware', 'firmware'],
    ['libssl3t64', 'crypto'],
    ['snap:core22', 'other'],
    ['vim', 'other'],
    ['systemd-libc6-like', 'init'],
  ])('%s is of class %s', (name, risk) => expect(riskOf(name)).toBe(risk));

  it('have a digest that does not hang on their order', () => {
    const packages = [{ name: 'a' }, { name: 'b', version: '1' }];
    const one = needOf(aReport({ packages }), digest, noon);
    const other = needOf(aReport({ packages: packages.toReversed() }), digest, noon);
    expect(other.digest).toBe(one.digest);
  });
  it('change the risk when a kernel comes, and not when an editor does', () => {
    const before = needOf(aReport(), digest, noon);
    const editor = needOf(aReport({ packages: [...aReport().packages, { name: 'vim' }] }), digest, noon);
    expect([editor.digest === before.digest, editor.riskDigest === before.riskDigest]).toEqual([false, true]);
    const kernel = needOf(
      aReport({ kernel: { running: '6.8.0-45-generic', newest: '6.8.0-50-generic' } }),
      digest,
      noon,
    );
    expect(kernel.riskDigest).not.toBe(before.riskDigest);
    expect(packageDiff(before, kernel)).toEqual({
      added: ['kernel 6.8.0-50-generic'],
      removed: ['kernel 6.8.0-49-generic'],
    });
  });
  it('name no next kernel when the newest one runs', () => {
    expect(needOf(aReport({ kernel: { running: 'x', newest: 'x' } }), digest, noon).kernel).toEqual({
      running: 'x',
    });
  });
  it('give a Reboot a name that is an object name, and another for another boot or machine', () => {
    const name = rebootName({ name: 'n'.repeat(253), uid: 'u' }, 'b', (text) =>
      digest(text).padStart(12, '0'),
    );
    expect(name).toMatch(/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])$/);
    expect(rebootName({ name: 'n', uid: 'u' }, 'b1', digest)).not.toBe(
      rebootName({ name: 'n', uid: 'u' }, 'b2', digest),
    );
    expect(rebootName({ name: 'n', uid: 'u1' }, 'b', digest)).not.toBe(
      rebootName({ name: 'n', uid: 'u2' }, 'b', digest),
    );
  });
});

describe('selectors', () => {
  const labels = { pool: 'blue', 'node-role.kubernetes.io/worker': '' };
  it.each([
    ['', true],
    ['pool=blue', true],
    ['pool==blue,node-role.kubernetes.io/worker=', true],
    ['pool!=blue', false],
    ['pool in (red, blue)', true],
    ['pool notin (blue)', false],
    ['pool', true],
    ['!pool', false],
    ['!other', true],
    ['other!=x', true],
    ['zone in (a,b),pool', false],
  ])('"%s" matches: %s', (text, expected) => {
    const parsed = parseSelector(text);
    expect(parsed.ok && parsed.matches(labels)).toBe(expected);
  });
  it.each(['pool=', 'a b', '=x', 'pool in blue', 'pool in (a'])(
    '"%s" is told apart from a selector, or is one',
    (text) => {
      const parsed = parseSelector(text);
      expect(parsed.ok ? text : parsed.problem).toMatch(
        text === 'pool=' ? /^pool=$/ : /no label requirement/,
      );
    },
  );
});

describe('names that were probably meant', () => {
  it.each([
    ['wroker-03', 'worker-03'],
    ['worker-3', 'worker-03'],
    ['WORKER-03', 'worker-03'],
  ])('%s: %s', (typed, meant) => expect(nearest(typed, ['worker-03', 'cp-1'])).toBe(meant));
  it('are not guessed from afar', () => expect(nearest('database', ['worker-03', 'cp-1'])).toBeUndefined());
});

describe('the ledger', () => {
  const turn = (reboot: string, pool = 'p', controlPlane = false) => ({
    reboot,
    node: reboot,
    pool,
    controlPlane,
    since: '',
  });
  const anyTurn = fc.record({
    reboot: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
    pool: fc.constantFrom('p', 'q'),
    controlPlane: fc.boolean(),
  });
  it('never holds more than its limits, whatever is asked of it', () => {
    const limits = { cluster: 3, pool: 2 };
    const met = outcomeCounts<'taken' | 'refused'>();
    fc.assert(
      fc.property(fc.array(fc.tuple(anyTurn, fc.boolean()), { minLength: 10, maxLength: 40 }), (asks) => {
        let ledger = emptyLedger;
        for (const [{ reboot, pool, controlPlane }, release] of asks) {
          const wanted = turn(reboot, pool, controlPlane);
          const { taken } = admit(ledger, wanted, limits);
          if (!release) met.saw(taken ? 'taken' : 'refused');
          if (release) ledger = withoutTurn(ledger, reboot);
          else if (taken) ledger = withTurn(ledger, wanted);
          expect(ledger.turns.length).toBeLessThanOrEqual(3);
          for (const name of ['p', 'q'])
            expect(ledger.turns.filter((held) => held.pool === name).length).toBeLessThanOrEqual(2);
          expect(ledger.turns.filter((held) => held.controlPlane).length).toBeLessThanOrEqual(1);
        }
      }),
    );
    met.atLeast({ taken: 100, refused: 100 });
  });
  it('takes a turn that is held already as taken', () => {
    const held = withTurn(emptyLedger, turn('a'));
    expect(admit(held, turn('a'), { cluster: 1, pool: 1 })).toEqual({ taken: true });
    expect(withTurn(held, turn('a')).turns).toHaveLength(1);
  });
});
