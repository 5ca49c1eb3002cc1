/**
 * What `src` loads of packages that are hundreds of files each, in one file, as in the bundles that ship:
 * loading them file by file costs each worker seconds of CPU time.
 */
import { build } from 'esbuild';
import { existsSync, readFileSync, renameSync } from 'node:fs';
import { resolve } from 'node:path';
import process from 'node:process';
import type { Plugin } from 'vitest/config';

/** What is used of each. */
const large = {
  '@kubernetes/client-node': ['KubeConfig'],
  'date-fns-tz': ['formatInTimeZone'],
} as const;

export async function largePackagesInOneFile(): Promise<Plugin> {
  const files = new Map<string, string>();
  for (const [name, used] of Object.entries(large)) files.set(name, await bundled(name, used));
  return {
    name: 'large-packages-in-one-file',
    enforce: 'pre',
    resolveId: (id, importer) => {
      const file = importer?.startsWith(`${resolve('src')}/`) ? files.get(id) : undefined;
      return file === undefined ? undefined : { id: file, external: true };
    },
  };
}

/** Built once for each version of the package. */
async function bundled(name: string, used: readonly string[]): Promise<string> {
  const { version } = JSON.parse(readFileSync(resolve('node_modules', name, 'package.json'), 'utf8')) as {
    version: string;
  };
  const file = resolve(`.cache/${name.replaceAll(/\W+/g, '-')}-${version}-${used.length}.mjs`);
  if (existsSync(file)) return file;
  const unfinished = `${file}.${process.pid}`;
  await build({
    stdin: { contents: `export { ${used.join(', ')} } from '${name}';`, resolveDir: resolve('.') },
    outfile: unfinished,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    // Their CommonJS parts call `require`.
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
    logLevel: 'error',
  });
  renameSync(unfinished, file);
  return file;
}
