// Checks that comments fit the width of the code, which the formatter does not. Part of `npm run lint`.
import { readFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import process from 'node:process';
import { tooWide, width } from './check/comment-width.ts';

const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.ts', '*.mjs'], {
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file !== '' && !file.includes('/page/'));

const found = files.flatMap((file) => {
  try {
    return tooWide(readFileSync(file, 'utf8')).map((line) => `${file}:${line}`);
  } catch (error) {
    // Deleted, and not committed yet.
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
});
if (found.length > 0) {
  console.error(`Comments end at column ${width}:\n${found.join('\n')}`);
  process.exitCode = 1;
}
