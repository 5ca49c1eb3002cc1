import type { TestProject } from 'vitest/node';
import { findGround, type Ground } from './ground.ts';

declare module 'vitest' {
  interface ProvidedContext {
    ground: Ground;
  }
}

export default async function setup(project: TestProject): Promise<void> {
  const tell = (line: string): unknown => process.stdout.write(`cluster tests: ${line}\n`);
  const ground = await findGround({ env: process.env, tell });
  if (ground.kind === 'none') tell(`all skipped: ${ground.why}`);
  project.provide('ground', ground);
}
