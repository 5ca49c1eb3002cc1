// Builds the image that the chart runs, without a registry and without a container engine: the bundles of
// dist/, the Node version that the project pins, and the libraries of this Debian that it needs. The same
// inputs give the same bytes.
//
//   npm run image [-- --out FILE] [--name NAME:TAG]
import {
  existsSync,
  mkdirSync,
  openSync,
  closeSync,
  readdirSync,
  readFileSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { dockerArchive, type Image } from './image/docker-archive.ts';
import { type BundledPackage, packagesIn } from './build/third-party.ts';
import { debianPackages } from './image/debian-packages.ts';
import { filesBelow, packageFiles, packageFolders } from './image/package-files.ts';
import { accountFiles, hostFile, libraryFiles } from './image/program-files.ts';
import { sbom } from './image/sbom.ts';
import type { TarEntry } from './image/tar.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const architectures = { x64: 'amd64', arm64: 'arm64' } as const;
const authorities = '/etc/ssl/certs/ca-certificates.crt';
/** Writes that file, which belongs to no package. */
const authoritiesProgram = '/usr/sbin/update-ca-certificates';
/**
 * Used by the agent's signal commands to enter the host's mount namespace, where the operator has enabled
 * that.
 */
const nsenter = '/usr/bin/nsenter';
/**
 * A process of this account has no rights on a node, even outside of its container; the chart sets it too.
 */
const account = { name: 'nonroot', id: 65_532 };
/** For people and for tests: not part of the image. */
const notShipped = new Set(['demo.cjs', 'page']);

const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };

async function buildImage(name: string): Promise<{ image: Image; components: object }> {
  const { arch } = process;
  if (process.platform !== 'linux' || (arch !== 'x64' && arch !== 'arm64'))
    throw new Error(`An image is built on linux-x64 or linux-arm64; this is ${process.platform}-${arch}.`);
  const node = pinnedNode(`node-linux-${arch}`);
  if (!existsSync(authorities))
    throw new Error(`${authorities} is missing: install the package ca-certificates.`);
  if (!existsSync(nsenter)) throw new Error(`${nsenter} is missing: install the package util-linux.`);
  const libraries = await libraryFiles(node, nsenter);
  const debian = await debianPackages([
    ...libraries.map(({ path }) => `/${path}`),
    nsenter,
    authoritiesProgram,
  ]);
  const pg = packageFolders('pg', root);
  const image = dockerArchive({
    name,
    architecture: architectures[arch],
    layers: [
      [
        ...libraries,
        ...debian.flatMap(({ copyright }) =>
          copyright === undefined ? [] : [hostFile(copyright, copyright.slice(1))],
        ),
        ...accountFiles(account.name, account.id),
        hostFile(authorities, authorities.slice(1)),
        hostFile(node, 'usr/local/bin/node', 0o755),
        hostFile(nsenter, nsenter.slice(1), 0o755),
        hostFile(join(dirname(node), '../LICENSE'), 'usr/local/share/doc/node/LICENSE'),
      ],
      [
        ...bundles(),
        // Of the page that shows the queues.
        ...filesBelow(join(root, 'dist/board'), root),
        hostFile(join(root, 'LICENSE'), 'app/LICENSE'),
        hostFile(join(root, 'dist/THIRD-PARTY.txt'), 'app/THIRD-PARTY.txt'),
        ...packageFiles(pg, root),
      ],
    ],
    config: {
      User: `${account.id}:${account.id}`,
      WorkingDir: '/app',
      Env: [
        'PATH=/usr/local/bin:/usr/bin:/bin',
        'NODE_ENV=production',
        'TZ=UTC',
        `SSL_CERT_FILE=${authorities}`,
      ],
      Entrypoint: ['node', 'dist/tugboot.cjs'],
      Cmd: ['--help'],
      Labels: {
        'org.opencontainers.image.title': 'tugboot',
        'org.opencontainers.image.version': version,
        'org.opencontainers.image.licenses': 'Apache-2.0',
      },
    },
  });
  const packages = { npm: [...bundledPackages(), ...packagesIn(pg)], debian };
  return { image, components: sbom({ version, id: image.id, node: versionOf(node), ...packages }) };
}

const bundledPackages = (): readonly BundledPackage[] =>
  JSON.parse(readFileSync(join(root, 'dist/third-party.json'), 'utf8')) as BundledPackage[];

/** Of the package of a program in its folder `bin`. */
function versionOf(program: string): string {
  const manifest = readFileSync(join(dirname(program), '../package.json'), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}

function pinnedNode(name: string): string {
  const { resolve: find } = createRequire(import.meta.url);
  return join(dirname(find(`${name}/package.json`)), 'bin/node');
}

function bundles(): readonly TarEntry[] {
  const names = readdirSync(join(root, 'dist')).filter(
    (name) => name.endsWith('.cjs') && !notShipped.has(name),
  );
  if (!names.includes('tugboot.cjs')) throw new Error('dist/ holds no bundles: run npm run build.');
  return names.map((name) => hostFile(join(root, 'dist', name), `app/dist/${name}`));
}

function write(file: string, { archive }: Image): void {
  mkdirSync(dirname(file), { recursive: true });
  const handle = openSync(file, 'w');
  for (const piece of archive) writeSync(handle, piece);
  closeSync(handle);
}

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: join(root, '.cache', `tugboot-${version}.tar`) },
    name: { type: 'string', default: `tugboot:${version}` },
  },
});
const { image, components } = await buildImage(values.name);
const list = `${values.out.replace(/\.tar$/, '')}.cdx.json`;
write(values.out, image);
writeFileSync(list, `${JSON.stringify(components, undefined, 2)}\n`);
console.log(`${values.name}  ${(image.size / 1024 / 1024).toFixed(1)} MB  ${image.id}`);
console.log(resolve(values.out));
console.log(`${resolve(list)}  (its components, CycloneDX)`);
