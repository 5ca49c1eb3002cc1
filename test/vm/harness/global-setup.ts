import type { TestProject } from 'vitest/node';
import { findVmGround, type VmGround } from './ground.ts';

declare module 'vitest' {
  interface ProvidedContext {
    vmGround: VmGround;
  }
}

export default async function setup(project: TestProject): Promise<void> {
  const tell = (line: string): unknown => process.stdout.write(`machine tests: ${line}\n`);
  const ground = await findVmGround({ env: process.env, tell });
  if (ground.kind === 'none') tell(`all skipped: ${ground.why}`);
  project.provide('vmGround', ground);
}
