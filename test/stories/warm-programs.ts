/**
 * Compiles the bot once, before hundreds of starts: a process that is killed, as stories do with their bots,
 * leaves nothing in the compile cache.
 */
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import process from 'node:process';

/** Also of the processes that tests start: the demo's environment passes it on to its programs. */
export const compileCache = resolve('.cache/compile');

export default function warmPrograms(): void {
  const env = { PATH: process.env['PATH'], NODE_COMPILE_CACHE: compileCache };
  for (const command of ['serve', 'agent'])
    spawnSync(process.execPath, [resolve('dist/tugboot.cjs'), command, '--help'], { env });
}
