import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildGoProgram, type BuildOptions, type Built } from './build-go-program.ts';

const home = fileURLToPath(new URL('../control-plane', import.meta.url));

/** The Kubernetes program of test/cluster/control-plane. */
export const buildControlPlane = (options: BuildOptions): Promise<Built> =>
  buildGoProgram(
    {
      name: 'control-plane',
      home,
      flags: ['-ldflags', linkerFlags(kubernetesVersion())],
      expect: 'minutes the first time, seconds with a warm Go cache',
    },
    options,
  );

/** The version in go.mod. */
function kubernetesVersion(): string {
  const found = /^\s*(?:require )?k8s\.io\/kubernetes (v\S+)/m.exec(
    readFileSync(join(home, 'go.mod'), 'utf8'),
  );
  if (found?.[1] === undefined) throw new Error('control-plane/go.mod requires no k8s.io/kubernetes');
  return found[1];
}

/** kubectl refuses a server without a version. */
function linkerFlags(version: string): string {
  const [major = '', minor = ''] = version.slice(1).split('.');
  const stamp = Object.entries({ gitVersion: version, gitMajor: major, gitMinor: minor });
  const variables = stamp.map(([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`);
  return `-s -w ${variables.join(' ')}`;
}
