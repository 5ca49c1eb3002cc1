/**
 * Writes every file that is generated from the sources: `node scripts/generate.ts`. With --check it writes
 * nothing, prints the files that are out of date, and exits with 1.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import process from 'node:process';
import { jsonSchema } from '../src/config/schema/schema.ts';
import { agentCrd, agentCrdPath } from './generate/crds/agent-crd.ts';
import { chartSchema, chartSchemaPath } from './generate/chart-schema.ts';
import { commandsPage } from './generate/pages/commands-page.ts';
import { configurationPage } from './generate/pages/configuration-page.ts';
import { envExample } from './generate/env-example.ts';
import { logsPage } from './generate/pages/logs-page.ts';
import { metricsPage } from './generate/pages/metrics-page.ts';
import { nodeContractPage } from './generate/pages/node-contract-page.ts';
import { promisesPage, promisesPath } from './generate/pages/promises-page.ts';
import { rebootPage } from './generate/pages/reboot-page.ts';
import { rebootCrd, rebootCrdPath } from './generate/crds/reboot-crd.ts';
import { statesPage } from './generate/states/states-page.ts';

export interface GeneratedFile {
  readonly path: string;
  readonly text: string;
}

export const generatedFiles = (): readonly GeneratedFile[] => [
  { path: '.env.example', text: envExample() },
  { path: 'schema/tugboot.schema.json', text: `${JSON.stringify(jsonSchema(), undefined, 2)}\n` },
  { path: chartSchemaPath, text: chartSchema() },
  { path: 'docs/commands.md', text: commandsPage() },
  { path: 'docs/configuration.md', text: configurationPage() },
  { path: 'docs/logs.md', text: logsPage() },
  { path: 'docs/metrics.md', text: metricsPage() },
  { path: 'docs/node-contract.md', text: nodeContractPage() },
  { path: promisesPath, text: promisesPage() },
  { path: 'docs/reboot-record.md', text: rebootPage() },
  { path: rebootCrdPath, text: rebootCrd() },
  { path: agentCrdPath, text: agentCrd() },
  { path: 'docs/states.md', text: statesPage() },
];

/** The generated files whose content differs. `read` returns undefined for a missing file. */
export const outdated = (read: (path: string) => string | undefined): readonly GeneratedFile[] =>
  generatedFiles().filter(({ path, text }) => read(path) !== text);

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function write({ path, text }: GeneratedFile): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

if (import.meta.main) {
  const files = outdated(textOf);
  const check = process.argv.includes('--check');
  if (!check) files.forEach(write);
  for (const { path } of files)
    console.log(check ? `${path} is out of date: npm run generate` : `${path} written`);
  if (files.length === 0) console.log('Every generated file is up to date.');
  if (check && files.length > 0) process.exitCode = 1;
}
