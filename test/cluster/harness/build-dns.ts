import { fileURLToPath } from 'node:url';
import { buildGoProgram, type BuildOptions, type Built } from './build-go-program.ts';

/** The CoreDNS of test/cluster/dns. */
export const buildDns = (options: BuildOptions): Promise<Built> =>
  buildGoProgram(
    {
      name: 'dns',
      home: fileURLToPath(new URL('../dns', import.meta.url)),
      flags: ['-ldflags', '-s -w'],
      expect: 'two minutes the first time',
    },
    options,
  );
