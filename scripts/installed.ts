// Says in one sentence that a package of package.json is not installed, as after a change that brings one.
// The compiler would name the files that import it.
import { existsSync, readFileSync } from 'node:fs';
import process from 'node:process';

const { dependencies, devDependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as Readonly<
  Record<'dependencies' | 'devDependencies', Readonly<Record<string, string>>>
>;
const missing = Object.keys({ ...dependencies, ...devDependencies }).filter(
  (name) => !existsSync(`node_modules/${name}/package.json`),
);
if (missing.length > 0) {
  process.stderr.write(`Not installed: ${missing.join(', ')}. Run npm install.\n`);
  process.exit(1);
}
