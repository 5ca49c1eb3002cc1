import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compareKernels,
  compareKernelVersions,
  newestKernel,
  parseKernelRelease,
} from '../../../src/agent/packages/kernel-version.ts';

describe('the order of kernel versions', () => {
  const oldestFirst: readonly (readonly string[])[] = [
    ['6.8.0-45', '6.8.0-49', '6.8.0-99', '6.8.0-111', '6.11.0-9'],
    ['5.14.0-427.el9.x86_64', '5.14.0-427.13.1.el9_4.x86_64', '5.14.0-503.11.1.el9_5.x86_64'],
    ['6.1.0-9', '6.1.0-28', '6.12.9'],
    ['6.9.0-rc1', '6.9.0-rc3', '6.9.0', '6.9.1'],
    ['6.9.0-060900rc3', '6.9.0-060900'],
    ['6.4.0-150600.21', '6.4.0-150600.23.7'],
    ['5.15.0-1', '5.15.0-0002'],
    ['6.6.9', '6.6.51'],
    ['6.1.115-126.197.amzn2023.x86_64', '6.1.119-129.201.amzn2023.x86_64'],
    ['6.11.4-301.fc41.x86_64', '6.11.10-300.fc41.x86_64', '6.12.0-1.fc42.x86_64'],
    ['6.11.5-arch1-1', '6.11.5-arch1-2', '6.11.5-arch2-1', '6.12.1-arch1-1'],
    ['6.11.10+bpo', '6.12.9+bpo'],
    ['5.15.0-300.163.18.el9uek.x86_64', '5.15.0-301.163.5.el9uek.x86_64'],
  ];
  it.each(oldestFirst)('%s comes before %s', (...versions) => {
    expect([...versions].reverse().sort(compareKernelVersions)).toEqual(versions);
  });

  it('compares numbers too long for a number', () => {
    expect(compareKernelVersions('6.8.90071992547409931', '6.8.90071992547409932')).toBe(-1);
  });

  const version = fc.stringMatching(
    /^[0-9]{1,3}(\.[0-9]{1,3}){0,2}([-.](rc[0-9]|[0-9]{1,4}|el[0-9]|[a-z]{1,3})){0,3}$/,
  );
  it('is a total order', () => {
    fc.assert(
      fc.property(version, version, version, (a, b, c) => {
        expect(compareKernelVersions(a, a)).toBe(0);
        expect(compareKernelVersions(a, b) + compareKernelVersions(b, a)).toBe(0);
        const [low, middle, high] = [a, b, c].sort(compareKernelVersions);
        expect(compareKernelVersions(low ?? '', middle ?? '')).toBeLessThanOrEqual(0);
        expect(compareKernelVersions(low ?? '', high ?? '')).toBeLessThanOrEqual(0);
      }),
    );
  });

  it('grows with each of its numbers', () => {
    const number = fc.nat({ max: 100_000 });
    fc.assert(
      fc.property(number, number, number, number, (major, minor, abi, more) => {
        const before = `${major}.${minor}.0-${abi}`;
        const after = `${major}.${minor}.0-${abi + more + 1}`;
        expect(compareKernelVersions(before, after)).toBe(-1);
      }),
    );
  });
});

describe('the flavour of a kernel', () => {
  it.each([
    ['6.8.0-49-generic', '6.8.0-49', 'generic'],
    ['6.1.0-28-cloud-amd64', '6.1.0-28', 'cloud-amd64'],
    ['5.14.0-427.el9.x86_64', '5.14.0-427.el9.x86_64', ''],
    ['5.14.0-427.el9.x86_64+rt', '5.14.0-427.el9.x86_64', '+rt'],
    ['6.4.0-150600.21-default', '6.4.0-150600.21', 'default'],
    ['6.6.51+rpt-rpi-v8', '6.6.51+rpt', 'rpi-v8'],
    ['6.9.0-rc3-custom', '6.9.0-rc3', 'custom'],
    ['6.9.0', '6.9.0', ''],
    ['6.11.5-arch1-1', '6.11.5-arch1-1', ''],
    ['6.6.58-1-lts', '6.6.58-1', 'lts'],
    ['6.11.5-zen1-1-zen', '6.11.5-zen1-1', 'zen'],
    ['6.11.5-hardened1-1-hardened', '6.11.5-hardened1-1', 'hardened'],
    ['6.1.119-129.201.amzn2023.x86_64', '6.1.119-129.201.amzn2023.x86_64', ''],
    ['5.15.0-300.163.18.el9uek.x86_64', '5.15.0-300.163.18.el9uek.x86_64', 'uek'],
    ['6.8.0-1017-aws', '6.8.0-1017', 'aws'],
    ['6.8.0-49-generic-64k', '6.8.0-49', 'generic-64k'],
    ['6.11.10+bpo-amd64', '6.11.10+bpo', 'amd64'],
    ['6.6.54-flatcar', '6.6.54', 'flatcar'],
    ['4.18.0-553.rt7.342.el8_10.x86_64', '4.18.0-553.rt7.342.el8_10.x86_64', '+rt'],
    ['6.1.112-1.el9.elrepo.x86_64', '6.1.112-1.el9.elrepo.x86_64', 'elrepo-lt'],
    ['6.11.2-1.el9.elrepo.x86_64', '6.11.2-1.el9.elrepo.x86_64', 'elrepo-ml'],
    ['3.10.0-1160.119.1.vz7.224.4', '3.10.0-1160.119.1.vz7.224.4', ''],
  ])('of %s is told apart from its version', (release, version, flavour) => {
    expect(parseKernelRelease(release)).toEqual({ release, version, flavour });
  });
});

describe('two kernels', () => {
  it.each([
    ['6.8.0-111-generic', '6.8.0-99-generic', 1],
    ['6.8.0-45-generic', '6.8.0-45-generic', 0],
    ['5.14.0-427.el9.x86_64', '5.14.0-427.13.1.el9_4.x86_64', -1],
    ['6.11.0-3-lowlatency', '6.8.0-45-generic', undefined],
    // Oracle installs its own beside Red Hat's: whichever runs, the other is no update of it.
    ['5.15.0-300.163.18.el9uek.x86_64', '5.14.0-427.el9.x86_64', undefined],
    ['6.12.1-arch1-1', '6.6.58-1-lts', undefined],
    ['5.14.0-503.el9.x86_64+rt', '5.14.0-427.el9.x86_64', undefined],
  ])('%s against %s is %s: only within one flavour is one newer', (one, other, order) => {
    expect(compareKernels(one, other)).toBe(order);
  });
});

describe('the newest kernel', () => {
  it('is of the flavour that runs', () => {
    const installed = ['6.8.0-49-generic', '6.8.0-111-generic', '6.11.0-3-lowlatency'];
    expect(newestKernel(installed, '6.8.0-45-generic')).toBe('6.8.0-111-generic');
  });

  it('is not known where none is of the flavour that runs, and where none is at all', () => {
    expect(newestKernel(['6.8.0-49-generic', '6.11.0-3-lowlatency'], '6.8.0-45-aws')).toBeUndefined();
    expect(newestKernel([], '6.8.0-45-generic')).toBeUndefined();
  });

  it.each([
    ['RHEL 8’s rt', '4.18.0-553.5.1.rt7.346.el8_10.x86_64', '4.18.0-553.16.1.el8_10.x86_64'],
    ['ELRepo’s lt', '6.1.112-1.el9.elrepo.x86_64', '6.11.2-1.el9.elrepo.x86_64'],
    ['Red Hat’s own beside ELRepo’s', '5.14.0-427.el9.x86_64', '6.11.2-1.el9.elrepo.x86_64'],
  ])('of %s is not one that is built for others', (_, running, other) => {
    expect(newestKernel([running, other], running)).toBe(running);
    expect(newestKernel([running, other], other)).toBe(other);
  });

  it('of Red Hat’s rt is found across the change of its name', () => {
    const [before, after] = ['5.14.0-284.30.1.rt14.315.el9_2.x86_64', '5.14.0-362.8.1.el9_3.x86_64+rt'];
    expect(newestKernel([before, after, '5.14.0-503.11.1.el9_5.x86_64'], before)).toBe(after);
  });

  it('of ELRepo’s ml follows the mainline', () => {
    const releases = [
      '6.10.9-1.el9.elrepo.x86_64',
      '6.11.2-1.el9.elrepo.x86_64',
      '6.1.112-1.el9.elrepo.x86_64',
    ];
    expect(newestKernel(releases, '6.10.9-1.el9.elrepo.x86_64')).toBe('6.11.2-1.el9.elrepo.x86_64');
  });
});
