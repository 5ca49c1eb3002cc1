import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createHousehold } from '../../../demo/house/household.ts';

it('ends what is started while the house is being closed, such as the agent of a machine that boots at that moment', async () => {
  const household = createHousehold(mkdtempSync(join(tmpdir(), 'household-')));
  const late = Promise.withResolvers<ReturnType<typeof spawn>>();
  household.onEnd(async () => {
    late.resolve(household.adopt(spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])));
  });
  await household.close();
  const child = await late.promise;
  expect(child.exitCode ?? child.signalCode).not.toBeNull();
});
