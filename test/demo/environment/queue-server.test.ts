import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { expect, it } from 'vitest';
import { createSupervisor } from '../../../demo/environment/supervisor.ts';
import { startQueueServer } from '../../../demo/environment/queue-server.ts';

it('the embedded database is among what ends when the demo is killed', async () => {
  const listeners = (): readonly number[] =>
    ['exit', 'beforeExit', 'SIGINT', 'SIGTERM'].map((event) => process.listenerCount(event));
  const before = listeners();
  const directory = mkdtempSync(join(tmpdir(), 'tugboot-'));
  const supervisor = createSupervisor(directory);
  try {
    const queue = await startQueueServer({ env: { PATH: '' }, directory, supervisor });
    expect(queue.what).toBe('an embedded PostgreSQL');
    // How this process ends, and with which exit code, is left to us.
    expect(listeners()).toEqual(before);
    const pids = readFileSync(join(directory, 'pids'), 'utf8').trim().split('\n');
    expect(pids.map((pid) => readFileSync(`/proc/${pid}/comm`, 'utf8').trim())).toEqual(['postgres']);
  } finally {
    await supervisor.close();
  }
  expect(existsSync(directory)).toBe(false);
});
