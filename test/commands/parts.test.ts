/** What few switch on costs the others nothing: it stands in bundles of its own. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const bundle = (name: string): string => readFileSync(`dist/${name}.cjs`, 'utf8');

it.each([
  ['queue-board', 'createBullBoard'],
  ['open-tracing', 'OTLPTraceExporter'],
])('the part %s is loaded by the bot alone, and when it is wanted', (part, word) => {
  expect(bundle(part)).toContain(word);
  expect(bundle('serve')).toContain(`import("./${part}.cjs")`);
  for (const program of ['serve', 'agent', 'tugboot', 'doctor', 'cleanup'])
    expect([program, bundle(program).includes(word)]).toEqual([program, false]);
});
