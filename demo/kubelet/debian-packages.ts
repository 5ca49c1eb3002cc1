/** The packages of a simulated host, and dpkg's status file. Pure. */
export interface DebianPackage {
  readonly name: string;
  readonly version: string;
  readonly section: string;
}

export const kernelPackage = (version: string): string => `linux-image-${version}`;

export function basePackages(kernel: string): readonly DebianPackage[] {
  return [
    { name: 'base-files', version: '13ubuntu10', section: 'admin' },
    { name: 'containerd', version: '1.7.12-0ubuntu4', section: 'admin' },
    { name: 'libc6', version: '2.39-0ubuntu8.2', section: 'libs' },
    { name: 'linux-base', version: '4.5ubuntu9', section: 'kernel' },
    { name: kernelPackage(kernel), version: kernelRevision(kernel), section: 'kernel' },
    { name: 'openssl', version: '3.0.13-0ubuntu3.4', section: 'utils' },
    { name: 'systemd', version: '255.4-1ubuntu8.4', section: 'admin' },
  ];
}

/** The kernel `6.8.0-45-generic` is in version `6.8.0-45.45` of its package. */
function kernelRevision(kernel: string): string {
  const [, upstream = '', abi = ''] = /^(.+)-(\d+)-\w+$/.exec(kernel) ?? [];
  return upstream === '' ? kernel : `${upstream}-${abi}.${abi}`;
}

/** The file consists of paragraphs of fields, separated by empty lines. */
export const dpkgStatus = (packages: readonly DebianPackage[]): string =>
  packages
    .map(({ name, version, section }) =>
      [
        `Package: ${name}`,
        'Status: install ok installed',
        'Priority: optional',
        `Section: ${section}`,
        'Maintainer: Demo Distribution <packages@example.com>',
        'Architecture: amd64',
        `Version: ${version}`,
        `Description: ${name} of the demo host`,
        ' Longer text has lines that begin with a space.',
        '',
      ].join('\n'),
    )
    .join('\n');

export interface Upgrade {
  readonly packages: readonly DebianPackage[];
  readonly kernel: string;
}

/**
 * The next security update: a kernel at least two ABI numbers ahead, beside the old one, and a newer libc.
 */
export function upgraded(packages: readonly DebianPackage[]): Upgrade {
  const kernels = packages
    .map(({ name }) => /^linux-image-(.+)-(\d+)-(\w+)$/.exec(name))
    .filter((match) => match !== null);
  const newest = kernels.reduce(
    (best, match) => (Number(match[2]) > Number(best?.[2] ?? -1) ? match : best),
    kernels[0],
  );
  const kernel =
    newest === undefined ? '6.8.0-47-generic' : `${newest[1]}-${Number(newest[2]) + 2}-${newest[3]}`;
  const next = packages.map((one) => (one.name === 'libc6' ? { ...one, version: bumped(one.version) } : one));
  return {
    packages: [...next, { name: kernelPackage(kernel), version: kernelRevision(kernel), section: 'kernel' }],
    kernel,
  };
}

const bumped = (version: string): string => version.replace(/\d+$/, (last) => String(Number(last) + 1));
