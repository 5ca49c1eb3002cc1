import { execFile } from 'node:child_process';
import { createWriteStream, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { dockerArchive, type ImageOptions } from '../../../scripts/image/docker-archive.ts';
import { accountFiles, hostFile, libraryFiles } from '../../../scripts/image/program-files.ts';
import { onPath } from '../../../demo/environment/queue-server.ts';
import { buildGoProgram } from '../../cluster/harness/build-go-program.ts';
import type { NodeGroundOptions } from './node-ground.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../..', import.meta.url));
const architecture = process.arch === 'arm64' ? 'arm64' : 'amd64';

/** Never pulled from a registry; their tags are not those of any release. */
export const images = {
  tugboot: { repository: 'tugboot.test/tugboot', tag: 'built-here' },
  redis: { repository: 'tugboot.test/redis', tag: 'of-debian' },
  /** The pause container, and the story's hello server. */
  containers: { repository: 'tugboot.test/containers', tag: '1' },
} as const;

export const nameOf = ({ repository, tag }: { readonly repository: string; readonly tag: string }): string =>
  `${repository}:${tag}`;

/** Tugboot's image by the script for users; the others in the same way. */
export async function buildImages({
  env,
  tell,
  folder,
}: NodeGroundOptions): Promise<{ readonly ok: true } | { readonly ok: false; readonly why: string }> {
  const containers = await buildGoProgram(
    {
      name: 'containers',
      home: fileURLToPath(new URL('../containers', import.meta.url)),
      flags: ['-ldflags', '-s -w'],
      expect: 'seconds',
      static: true,
    },
    { env, tell },
  );
  if (!containers.ok) return containers;
  await write(join(folder, 'containers.tar'), {
    name: nameOf(images.containers),
    architecture,
    layers: [[{ path: 'program', kind: 'file', mode: 0o755, content: readFileSync(containers.program) }]],
    config: { Entrypoint: ['/program'] },
  });
  await write(join(folder, 'redis.tar'), await redis(onPath('redis-server', env['PATH'] ?? '') ?? ''));
  const args = [join(root, 'scripts/image.ts'), '--out', join(folder, 'tugboot.tar')];
  const { stdout } = await run(process.execPath, [...args, '--name', nameOf(images.tugboot)]);
  tell(`the image: ${stdout.split('\n')[0] ?? ''}`);
  return { ok: true };
}

const redis = async (program: string): Promise<ImageOptions> => ({
  name: nameOf(images.redis),
  architecture,
  layers: [
    [
      ...(await libraryFiles(program)),
      ...accountFiles('redis', 999),
      hostFile(program, 'usr/bin/redis-server', 0o755),
    ],
  ],
  config: { Env: ['PATH=/usr/bin'], Cmd: ['redis-server'] },
});

async function write(file: string, wish: ImageOptions): Promise<void> {
  await pipeline(Readable.from(dockerArchive(wish).archive), createWriteStream(file));
}
