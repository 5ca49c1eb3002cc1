/** A private redis-server for a test file: started on a free port, ended with the tests. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSupervisor, type Supervisor } from '../../demo/environment/supervisor.ts';
import { type QueueServer, startQueueServer } from '../../demo/environment/queue-server.ts';

export interface PrivateQueue extends QueueServer {
  readonly supervisor: Supervisor;
  close(): Promise<void>;
}

export async function privateQueue(
  env: NodeJS.ProcessEnv = { PATH: process.env['PATH'] },
): Promise<PrivateQueue> {
  const directory = mkdtempSync(join(tmpdir(), 'tugboot-queue-'));
  const supervisor = createSupervisor(directory);
  const server = await startQueueServer({ env, directory, supervisor });
  return { ...server, supervisor, close: () => supervisor.close() };
}
