/**
 * What `src` loads of @kubernetes/client-node, in one file, as in the bundles that ship. The package is a
 * thousand files of generated classes, which each worker would load for seconds of CPU time.
 */
import { build } from 'esbuild';
import { existsSync, readFileSync, renameSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import process from 'node:process';
import type { Plugin } from 'vitest/config';

const name = '@kubernetes/client-node';

export async function clientNodeInOneFile(): Promise<Plugin> {
  const file = await bundled();
  return {
    name: 'client-node-in-one-file',
    enforce: 'pre',
    resolveId: (id, importer) =>
      id === name && importer?.startsWith(`${resolve('src')}/`) ? { id: file, external: true } : undefined,
  };
}

/** Built once for each version of the package. */
async function bundled(): Promise<string> {
  const { resolve: find } = createRequire(import.meta.url);
  const { version } = JSON.parse(readFileSync(resolve('node_modules', name, 'package.json'), 'utf8')) as {
    version: string;
  };
  const file = resolve(`.cache/client-node-${version}.mjs`);
  if (existsSync(file)) return file;
  const unfinished = `${file}.${process.pid}`;
  await build({
    stdin: { contents: `export { KubeConfig } from '${find(name)}';`, resolveDir: resolve('.') },
    outfile: unfinished,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    // Its CommonJS parts call `require`.
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
    logLevel: 'error',
  });
  renameSync(unfinished, file);
  return file;
}
