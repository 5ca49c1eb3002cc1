import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readDpkgVersions, scanDpkgStatus } from '../../../src/agent/packages/dpkg-status.ts';
import { stanza, tempHost } from '../host/temp-host.ts';

function scan(text: string | Uint8Array, wanted: readonly string[], pieces = 1): Record<string, string> {
  const bytes = Buffer.from(text);
  const reader = scanDpkgStatus(wanted);
  const size = Math.max(1, Math.ceil(bytes.length / pieces));
  for (let from = 0; from < bytes.length; from += size) reader.push(bytes.subarray(from, from + size));
  return Object.fromEntries(reader.end());
}

describe('the scan of dpkg’s status', () => {
  it('finds the versions of the wanted packages and of no others', () => {
    const text = stanza('libc6', '2.39-0ubuntu8.3') + stanza('bash', '5.2') + stanza('linux-base', '4.5');
    expect(scan(text, ['linux-base', 'libc6', 'absent'])).toEqual({
      libc6: '2.39-0ubuntu8.3',
      'linux-base': '4.5',
    });
  });

  it('knows no version of a package that is not installed', () => {
    const text =
      stanza('old', '1', 'deinstall ok config-files') + stanza('half', '2', 'install ok half-configured');
    expect(scan(text, ['old', 'half'])).toEqual({});
  });

  it('takes the installed one of several architectures', () => {
    const text = stanza('libc6', '1', 'deinstall ok config-files') + stanza('libc6', '2');
    expect(scan(text, ['libc6'])).toEqual({ libc6: '2' });
  });

  it('does not need an empty line at the end', () => {
    expect(scan(stanza('libc6', '2').trimEnd(), ['libc6'])).toEqual({ libc6: '2' });
  });

  it('reads lines that end as on Windows', () => {
    expect(scan(stanza('libc6', '2').replaceAll('\n', '\r\n'), ['libc6'])).toEqual({ libc6: '2' });
  });

  it('passes over lines of any length', () => {
    const text = `Package: libc6\nStatus: install ok installed\nSuggests: ${'x'.repeat(100_000)}\nVersion: 2\n\n`;
    expect(scan(text, ['libc6'], 7)).toEqual({ libc6: '2' });
  });

  it('says when it has seen enough', () => {
    const reader = scanDpkgStatus(['libc6']);
    expect(reader.push(Buffer.from(stanza('bash', '5')))).toBe(false);
    expect(reader.push(Buffer.from(stanza('libc6', '2')))).toBe(true);
  });

  it('reads the same however the file is cut into pieces', () => {
    const names = ['libc6', 'bash', 'linux-base', 'dbus'];
    const versions = fc.array(
      fc.tuple(fc.constantFrom(...names), fc.stringMatching(/^[0-9][0-9.~+-]{0,12}$/)),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(versions, fc.integer({ min: 2, max: 400 }), (packages, pieces) => {
        const text = packages.map(([name, version]) => stanza(name, version)).join('');
        expect(scan(text, names, pieces)).toEqual(scan(text, names));
      }),
    );
  });

  it('outlives any bytes, and its versions stay bounded', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3000 }), (bytes) => {
        const text = Buffer.concat([Buffer.from('Package: libc6\nStatus: a b installed\nVersion: '), bytes]);
        for (const version of Object.values(scan(text, ['libc6'], 3)))
          expect(version.length).toBeLessThanOrEqual(96);
      }),
    );
  });
});

describe('versions from the file', () => {
  it('are found for a name with its architecture, and never for a snap', async () => {
    const host = tempHost();
    host.write('status', stanza('libc6', '2.39') + stanza('snap', '7'));
    const versions = await readDpkgVersions(host.path('status'), ['libc6:amd64', 'snap:firefox']);
    expect(Object.fromEntries(versions)).toEqual({ 'libc6:amd64': '2.39' });
  });

  it('are found at the end of a file of many megabytes', async () => {
    const host = tempHost();
    const filler = stanza('filler', '1').repeat(20_000);
    host.write('status', filler + stanza('libc6', '2.39'));
    expect(Object.fromEntries(await readDpkgVersions(host.path('status'), ['libc6']))).toEqual({
      libc6: '2.39',
    });
  });
});
