import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePackageNames } from '../../../src/agent/packages/package-list.ts';
import { reportLimits } from '../../../src/reboot/nodes/report-limits.ts';
import { outcomeCounts } from '../../property-runs.ts';

const parse = (text: string | Uint8Array): ReturnType<typeof parsePackageNames> =>
  parsePackageNames(typeof text === 'string' ? Buffer.from(text) : text);

describe('the package list', () => {
  it('keeps the order of the file and each name once', () => {
    expect(parse('linux-image-6.8.0-49-generic\nlinux-base\nlinux-base\nlibc6\nlinux-base\n').names).toEqual([
      'linux-image-6.8.0-49-generic',
      'linux-base',
      'libc6',
    ]);
  });

  it('reads lines however they end, and skips empty ones', () => {
    expect(parse('a\r\nb\rc\n\n  \n d ').names).toEqual(['a', 'b', 'c', 'd']);
  });

  it('keeps names of snaps', () => {
    expect(parse('snap:firefox\nsnapd\n').names).toEqual(['snap:firefox', 'snapd']);
  });

  it('cleans names of control characters and of marks that reorder text', () => {
    expect(parse('lib\u001B[31mc6\nli\u202Enux\u200B\nta\tb\n').names).toEqual([
      'lib[31mc6',
      'linux',
      'ta b',
    ]);
  });

  it('counts what does not fit into a report', () => {
    const names = Array.from({ length: reportLimits.packages + 7 }, (_, index) => `package-${index}`);
    const list = parse(names.join('\n'));
    expect(list.names).toEqual(names.slice(0, reportLimits.packages));
    expect(list.leftOut).toBe(7);
  });

  it('cuts a very long name, never in the middle of a character', () => {
    const [name] = parse(`${'x'.repeat(reportLimits.nameLength - 1)}\u{1F427}and more`).names;
    expect(name).toBe('x'.repeat(reportLimits.nameLength - 1));
  });

  it('takes no names from a file with NUL bytes: it is no text', () => {
    expect(parse(Buffer.from('linux-base\n\0\0\0\nlibc6\n'))).toEqual({
      names: [],
      leftOut: 0,
      invalidLines: 3,
    });
  });

  it('takes no name from a line that is not UTF-8, and counts it', () => {
    const bytes = Buffer.concat([
      Buffer.from('libc6\n'),
      Buffer.from([0xff, 0xfe, 0x41, 0x0a]),
      Buffer.from('dbus\n'),
    ]);
    expect(parse(bytes)).toEqual({ names: ['libc6', 'dbus'], leftOut: 0, invalidLines: 1 });
  });

  it('gives bounded, clean, distinct names whatever the bytes', () => {
    const met = outcomeCounts<'names' | 'rubbish' | 'left out'>();
    // Many short lines, since there is a limit to the names; one NUL byte would make the whole of it no text.
    const letter = fc.oneof(
      { weight: 20, arbitrary: fc.integer({ min: 97, max: 122 }) },
      { weight: 1, arbitrary: fc.integer({ min: 1, max: 255 }) },
    );
    const lines = fc
      .array(fc.array(letter, { minLength: 2, maxLength: 6 }), { maxLength: 600, size: 'max' })
      .map((all) => Uint8Array.from(all.flatMap((line) => [...line, 10])));
    const bytes = fc.oneof(fc.uint8Array({ maxLength: 2000 }), lines);
    fc.assert(
      fc.property(bytes, (bytes) => {
        const { names, leftOut, invalidLines } = parse(bytes);
        met.saw('names', names.length > 0);
        met.saw('rubbish', invalidLines > 0);
        met.saw('left out', leftOut > 0);
        expect(new Set(names).size).toBe(names.length);
        expect(names.length).toBeLessThanOrEqual(reportLimits.packages);
        if (leftOut > 0) expect(names.length).toBe(reportLimits.packages);
        for (const name of names) {
          expect(name.length).toBeLessThanOrEqual(reportLimits.nameLength);
          expect(name).toMatch(/^[^\p{Cc}\p{Cf}\uFFFD]+$/u);
          expect(name.isWellFormed()).toBe(true);
        }
      }),
    );
    met.atLeast({ names: 30, rubbish: 30, 'left out': 5 });
  });

  it('finds every name that was written, whatever the repetitions', () => {
    const name = fc.stringMatching(/^[a-z0-9][a-z0-9+.-]{1,30}$/);
    fc.assert(
      fc.property(fc.array(name, { maxLength: 150 }), fc.constantFrom('\n', '\r\n'), (names, end) => {
        expect(parse(names.map((line) => line + end).join('')).names).toEqual([...new Set(names)]);
      }),
    );
  });
});
