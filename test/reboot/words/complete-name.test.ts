import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { completeName } from '../../../src/reboot/words/complete-name.ts';

const node = (typed: string, names: readonly string[]) => completeName(typed, { kind: 'node', names });

describe('a name that is typed', () => {
  it('is taken whole, also where longer names begin with it', () => {
    expect(node('worker-1', ['worker-10', 'worker-1', 'worker-11'])).toEqual({ ok: true, name: 'worker-1' });
  });

  it('is completed where one name begins with it', () => {
    expect(node('ip-10-0-7', ['ip-10-0-7-12.ec2.internal', 'ip-10-0-8-3.ec2.internal'])).toEqual({
      ok: true,
      name: 'ip-10-0-7-12.ec2.internal',
    });
  });

  it('is asked for again where several names begin with it', () => {
    const names = ['w-11', 'w-12', 'w-10', 'w-13', 'w-14', 'w-15', 'w-16'];
    expect(node('w-1', names)).toEqual({
      ok: false,
      sentence:
        'More than one node begins with "w-1": w-10, w-11, w-12, w-13, w-14 and 2 more. Type some more of the name.',
    });
  });

  it('is corrected where it is no beginning', () => {
    expect(node('wroker-3', ['worker-3', 'worker-4'])).toEqual({
      ok: false,
      sentence: 'I do not know a node "wroker-3". Did you mean worker-3?',
    });
  });

  it('is unknown otherwise, with what to do', () => {
    const unknown = { kind: 'node or pool', names: ['a', 'b'], otherwise: 'See `/reboot status`.' };
    expect(completeName('storage', unknown)).toEqual({
      ok: false,
      sentence: 'I do not know a node or pool "storage". See `/reboot status`.',
    });
    expect(completeName('', unknown).ok).toBe(false);
  });

  it('never means a name that does not begin with it, nor one of two', () => {
    const met = { completed: 0, ambiguous: 0 };
    const name = fc.string({ unit: fc.constantFrom('a', 'b', '-'), maxLength: 5 });
    fc.assert(
      fc.property(name, fc.uniqueArray(name, { maxLength: 6 }), (typed, names) => {
        const found = node(typed, names);
        const beginning = names.filter((each) => each.startsWith(typed));
        if (found.ok) {
          expect(names).toContain(found.name);
          expect(found.name === typed || (typed !== '' && beginning.length === 1)).toBe(true);
          expect(found.name.startsWith(typed)).toBe(true);
          if (found.name !== typed) met.completed += 1;
        } else {
          expect(names).not.toContain(typed);
          if (beginning.length > 1) met.ambiguous += 1;
        }
      }),
      { numRuns: 400, seed: 7 },
    );
    expect(met.completed).toBeGreaterThan(15);
    expect(met.ambiguous).toBeGreaterThan(15);
  });
});
