/** The contents of the image as a CycloneDX 1.6 document (https://cyclonedx.org/docs/1.6/json/). */
import type { BundledPackage } from '../build/third-party.ts';
import type { DebianPackage } from './debian-packages.ts';

export interface Contents {
  readonly version: string;
  /** Digest of the image's configuration, `sha256:…`. */
  readonly id: string;
  readonly node: string;
  readonly npm: readonly BundledPackage[];
  readonly debian: readonly DebianPackage[];
}

/** Without a time and a serial number: the same image has the same document. */
export const sbom = ({ version, id, node, npm, debian }: Contents): object => ({
  bomFormat: 'CycloneDX',
  specVersion: '1.6',
  version: 1,
  metadata: {
    component: {
      type: 'container',
      name: 'tugboot',
      version,
      licenses: [{ expression: 'Apache-2.0' }],
      hashes: [{ alg: 'SHA-256', content: id.replace(/^sha256:/, '') }],
      'bom-ref': 'tugboot',
    },
  },
  components: [
    component('application', 'node', node, `pkg:generic/node@${node}`),
    ...npm.map((each) => ({
      ...component('library', each.name, each.version, npmUrl(each)),
      ...(each.license === '' ? {} : { licenses: [{ expression: each.license }] }),
    })),
    ...debian.map((each) => component('library', each.name, each.version, debianUrl(each))),
  ],
});

const component = (type: string, name: string, version: string, purl: string) => ({
  type,
  name,
  version,
  purl,
  'bom-ref': purl,
});

/** Package URLs: https://github.com/package-url/purl-spec. */
const npmUrl = ({ name, version }: BundledPackage): string =>
  `pkg:npm/${name.replace('@', '%40')}@${version}`;

const debianUrl = ({ name, version, architecture }: DebianPackage): string =>
  `pkg:deb/debian/${name}@${encodeURIComponent(version)}?arch=${architecture}`;
