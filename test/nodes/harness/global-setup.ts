import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { createSupervisor } from '../../../demo/environment/supervisor.ts';
import { findNodeGround, type NodeGround } from './node-ground.ts';

declare module 'vitest' {
  interface ProvidedContext {
    nodeGround: NodeGround;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const tell = (line: string): unknown => process.stdout.write(`node tests: ${line}\n`);
  const folder = mkdtempSync(join(tmpdir(), 'tugboot-images-'));
  const supervisor = createSupervisor(folder);
  const ground = await findNodeGround({ env: process.env, tell, folder });
  if (ground.kind === 'none') tell(`all skipped: ${ground.why}`);
  project.provide('nodeGround', ground);
  return () => supervisor.close();
}
