import { describe, expect, it } from 'vitest';
import type { ExpectKernel } from '../../../src/reboot/policy/policy.ts';
import type { Need } from '../../../src/reboot/state/need.ts';
import { asksForKernel, wrongKernel } from '../../../src/reboot/proof/expected-kernel.ts';
import { aNeed } from '../../fakes/builders.ts';

const [before, next, newer, older] = ['6.8.0-45', '6.8.0-49', '6.8.0-50', '6.8.0-40'];
const libc: Need['packages'] = [{ name: 'libc6', risk: 'libc' }];
const sentinel: Need['askedBy'] = [{ name: 'sentinel' }];

/** A newer kernel is installed, whatever the signals ask for. */
const need = (overrides: Partial<Need>): Need => aNeed({ kernel: { running: before, next }, ...overrides });
const forLibc = need({ packages: libc, askedBy: sentinel });
const forKernel = need({ askedBy: sentinel });

describe('a new kernel is asked for', () => {
  it.each<[string, boolean, Partial<Need>]>([
    ['when a kernel is among the packages', true, { askedBy: sentinel }],
    ['not for libc6 alone', false, { packages: libc, askedBy: sentinel }],
    ['when the signal kernel asks', true, { packages: libc, askedBy: [{ name: 'kernel' }] }],
    ['when the modules are gone', true, { packages: [], askedBy: [{ name: 'modules' }] }],
    ['when a sentinel names nothing: it may mean any', true, { packages: [], askedBy: sentinel }],
    ['when packages were left out', true, { packages: libc, packagesLeftOut: 3, askedBy: sentinel }],
    ['not by an annotation', false, { packages: [], askedBy: [{ name: 'fluo' }] }],
    ['by a record of an earlier version without packages', true, { packages: [] }],
    [
      'not by a person alone',
      false,
      { packages: [], person: { by: { kind: 'kubernetes', name: 'mia' }, at: '2026-11-22T14:00:00Z' } },
    ],
  ])('%s: %s', (_, asked, overrides) => {
    expect(asksForKernel(need(overrides))).toBe(asked);
  });
});

describe('after a reboot', () => {
  it.each<[string, ExpectKernel, Need, string, string | undefined, boolean]>([
    ['asked for a kernel, runs it', 'asked', forKernel, next, next, true],
    ['asked for a kernel, runs the old one', 'asked', forKernel, before, next, false],
    ['asked for a kernel, runs one that came meanwhile', 'asked', forKernel, newer, newer, true],
    ['asked for libc6, runs the old kernel', 'asked', forLibc, before, next, true],
    ['asked for libc6, runs the new kernel', 'asked', forLibc, next, next, true],
    ['asked for libc6, fell back', 'asked', forLibc, older, next, false],
    ['asked for libc6, and nobody knows what is installed', 'asked', forLibc, older, undefined, true],
    ['wants the newest, asked for libc6, runs the old kernel', 'newest', forLibc, before, next, false],
    ['wants the newest, runs it', 'newest', forLibc, newer, newer, true],
    ['a boot loader that is pinned', 'any', forKernel, before, next, true],
    ['a boot loader that is pinned to an older one', 'any', forKernel, older, next, true],
  ])('%s', (_, expectKernel, asked, runs, newest, right) => {
    expect(wrongKernel({ need: asked, runs, newest }, { expectKernel }) === undefined).toBe(right);
  });

  it('expects no kernel where only kernels from outside of the host run', () => {
    const foreign = aNeed({ kernel: { running: '6.14.3-linode168' }, askedBy: sentinel });
    const kernels = { need: foreign, runs: '6.15.1-linode170', newest: undefined };
    for (const expectKernel of ['asked', 'newest', 'any'] as const)
      expect(wrongKernel(kernels, { expectKernel })).toBeUndefined();
  });
});
