import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createSupervisor } from '../../../demo/environment/supervisor.ts';

it('ends what is started while the environment is being closed, such as the agent of a machine that boots at that moment', async () => {
  const supervisor = createSupervisor(mkdtempSync(join(tmpdir(), 'supervisor-')));
  const late = Promise.withResolvers<ReturnType<typeof spawn>>();
  supervisor.onEnd(async () => {
    late.resolve(supervisor.adopt(spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])));
  });
  await supervisor.close();
  const child = await late.promise;
  expect(child.exitCode ?? child.signalCode).not.toBeNull();
});
