import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dockerArchive } from '../../scripts/image/docker-archive.ts';
import { tar, type TarEntry } from '../../scripts/image/tar.ts';
import { describeWith } from '../needs/describe-with.ts';

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'tugboot-image-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const bytes = (entries: readonly TarEntry[]): Buffer => Buffer.concat(tar(entries));
const file = (path: string, text: string, more: { mode?: number; owner?: number } = {}): TarEntry => ({
  path,
  kind: 'file',
  content: Buffer.from(text),
  ...more,
});
const sha256 = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex');

/** As the tar of this system reads it: mode, owner, size, time and path of each member. */
async function listed(archive: Uint8Array): Promise<readonly string[]> {
  const path = join(folder, 'listed.tar');
  writeFileSync(path, archive);
  const { stdout } = await run('tar', ['--utc', '--full-time', '--numeric-owner', '-tvf', path]);
  return stdout.trim().split('\n');
}

describe('an archive', () => {
  it('is read by tar as it was meant, and holds no time and no name of who made it', async () => {
    const entries: TarEntry[] = [
      file('app/run', 'x', { mode: 0o755 }),
      { path: 'app', kind: 'folder' },
      { path: 'home/me', kind: 'folder', mode: 0o700, owner: 65_532 },
      { path: 'lib64', kind: 'link', target: 'lib' },
    ];
    expect((await listed(bytes(entries))).map((line) => line.replaceAll(/ +/g, ' '))).toEqual([
      'drwxr-xr-x 0/0 0 1970-01-01 00:00:00 app/',
      '-rwxr-xr-x 0/0 1 1970-01-01 00:00:00 app/run',
      'drwx------ 65532/65532 0 1970-01-01 00:00:00 home/me/',
      'lrwxrwxrwx 0/0 0 1970-01-01 00:00:00 lib64 -> lib',
    ]);
  });

  it('has the same bytes in whatever order its members come', () => {
    const name = fc.stringMatching(/^[a-z]{1,12}$/);
    fc.assert(
      fc.property(
        fc.dictionary(name, fc.string({ maxLength: 1200 })),
        fc.infiniteStream(fc.nat()),
        (files, order) => {
          const entries = Object.entries(files).map(([path, text]) => file(path, text));
          const shuffled = entries
            .map((entry) => ({ entry, at: order.next().value }))
            .toSorted((a, b) => a.at - b.at)
            .map(({ entry }) => entry);
          expect(bytes(shuffled).equals(bytes(entries))).toBe(true);
          expect(bytes(entries).length % 512).toBe(0);
        },
      ),
    );
  });

  it('cuts long paths where tar joins them again, and refuses those that it cannot hold', async () => {
    const long = `${'a'.repeat(90)}/${'b'.repeat(90)}/c`;
    expect((await listed(bytes([file(long, 'x')])))[0]).toContain(long);
    expect(() => tar([file('a'.repeat(101), 'x')])).toThrow('too long a path');
    expect(() => tar([file(`${'a'.repeat(160)}/b`, 'x')])).not.toThrow('cannot');
  });
});

describe('an image', () => {
  const wish = {
    name: 'a/b:1',
    architecture: 'amd64',
    layers: [[file('x/y', '1')], [file('z', '2')]],
    config: { User: '65532' },
  } as const;

  it('names its layers and its description by what is in them, as docker load checks', async () => {
    const { archive, id, size } = dockerArchive(wish);
    const all = Buffer.concat(archive);
    expect(all.length).toBe(size);
    const path = join(folder, 'image.tar');
    const open = join(folder, 'open');
    mkdirSync(open);
    writeFileSync(path, all);
    await run('tar', ['-xf', path, '-C', open]);
    const read = (name: string): Buffer => readFileSync(join(open, name));
    const [manifest] = JSON.parse(read('manifest.json').toString()) as [
      { Config: string; RepoTags: string[]; Layers: string[] },
    ];
    expect(manifest.RepoTags).toEqual(['a/b:1']);
    expect(`sha256:${sha256(read(manifest.Config))}`).toBe(id);
    const described = JSON.parse(read(manifest.Config).toString()) as {
      rootfs: { diff_ids: string[] };
      config: unknown;
    };
    expect(described.config).toEqual({ User: '65532' });
    expect(manifest.Layers.map((name) => `sha256:${sha256(read(name))}`)).toEqual(described.rootfs.diff_ids);
    expect(await listed(read(manifest.Layers[0] ?? ''))).toHaveLength(2);
  });

  it('is the same image for the same files', () => {
    expect(dockerArchive(wish).id).toBe(dockerArchive({ ...wish }).id);
    expect(dockerArchive({ ...wish, layers: [[file('x/y', '3')]] }).id).not.toBe(dockerArchive(wish).id);
  });
});

const canBuild = process.platform === 'linux' && ['x64', 'arm64'].includes(process.arch);
const lack = canBuild ? undefined : 'images are built on Linux for x64 and arm64';

describeWith('the image of Tugboot', { lack }, () => {
  const script = fileURLToPath(new URL('../../scripts/image.ts', import.meta.url));
  const root = join(folder, 'root');
  let said = '';
  beforeAll(async () => {
    const path = join(folder, 'tugboot.tar');
    const { stdout } = await run(process.execPath, [
      script,
      '--out',
      path,
      '--name',
      'registry.example/tugboot:9',
    ]);
    said = stdout;
    const open = join(folder, 'opened');
    for (const each of [open, root]) mkdirSync(each);
    await run('tar', ['-xf', path, '-C', open]);
    const [manifest] = JSON.parse(readFileSync(join(open, 'manifest.json'), 'utf8')) as [
      { Layers: string[] },
    ];
    for (const layer of manifest.Layers) await run('tar', ['-xf', join(open, layer), '-C', root]);
  }, 60_000);

  it('is announced by its name, its size and its file', () => {
    expect(said).toMatch(
      /^registry\.example\/tugboot:9 {2}\d+\.\d MB {2}sha256:[0-9a-f]{64}\n\S+tugboot\.tar\n\S+tugboot\.cdx\.json {2}\(its components, CycloneDX\)\n$/,
    );
  });

  it('brings the licences of all that it holds', async () => {
    const { stdout } = await run('find', [root, '-name', 'copyright', '-printf', '%h\n']);
    const copyrights = stdout
      .trim()
      .split('\n')
      .map((path) => path.split('/').at(-1));
    expect(copyrights).toEqual(expect.arrayContaining(['libc6', 'util-linux', 'ca-certificates']));
    const notices = readFileSync(join(root, 'app/THIRD-PARTY.txt'), 'utf8');
    expect(notices).toMatch(/bullmq \d+\.\d+\.\d+ \(MIT\)[^]*MIT License[^]*BullForce/);
    expect(readFileSync(join(root, 'app/LICENSE'), 'utf8')).toContain('Apache License');
    expect(readFileSync(join(root, 'app/node_modules/pg/LICENSE'), 'utf8')).toContain('MIT');
  });

  it('is described component by component, and no two have one reference', () => {
    const list = JSON.parse(readFileSync(join(folder, 'tugboot.cdx.json'), 'utf8')) as {
      specVersion: string;
      components: { name: string; version: string; purl: string; 'bom-ref': string }[];
    };
    expect(list.specVersion).toBe('1.6');
    const { components } = list;
    for (const name of ['node', 'bullmq', '@slack/bolt', 'pg', 'libc6', 'util-linux'])
      expect(components.map((component) => component.name)).toContain(name);
    expect(components.every(({ version, purl }) => version !== '' && purl.startsWith('pkg:'))).toBe(true);
    const references = components.map((component) => component['bom-ref']);
    expect(new Set(references).size).toBe(references.length);
  });

  it('brings every library that its Node needs, and nothing of this system is used', async () => {
    const { stdout } = await run('find', [root, '-name', 'ld-linux*', '-printf', '%P\n']);
    const loader = join(root, stdout.trim());
    const { stdout: folders } = await run('find', [join(root, 'lib'), '-name', '*.so.*', '-printf', '%h\n']);
    const libraries = [...new Set(folders.trim().split('\n'))].join(':');
    const node = join(root, 'usr/local/bin/node');
    const needed = await run(loader, ['--inhibit-cache', '--library-path', libraries, '--list', node]);
    const outside = needed.stdout.split('\n').filter((line) => line.includes('=>') && !line.includes(root));
    expect(outside.filter((line) => !line.includes('linux-vdso'))).toEqual([]);
    const tugboot = join(root, 'app/dist/tugboot.cjs');
    const help = await run(loader, ['--library-path', libraries, node, tugboot, '--help']);
    expect(help.stdout).toContain('tugboot serve');
  });

  it('holds the bot and the agent, and neither the demo nor a shell', async () => {
    const { stdout } = await run('find', [root, '-type', 'f', '-printf', '%P\n']);
    const files = stdout.split('\n');
    expect(files).toEqual(expect.arrayContaining(['app/dist/serve.cjs', 'app/dist/agent.cjs', 'etc/passwd']));
    expect(files).toContain('etc/ssl/certs/ca-certificates.crt');
    expect(files.filter((name) => /demo|\/page\/|(^|\/)(ba|da)?sh$/.test(name))).toEqual([]);
  });
});
