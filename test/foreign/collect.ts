/**
 * Keeps what the tests would have sent to Slack, each once, for a validator that was written elsewhere
 * (slack_models.py).
 */
import { createHash } from 'node:crypto';
import { subscribe } from 'node:diagnostics_channel';
import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { expect } from 'vitest';
import { type Accepted, acceptedChannel } from '../../demo/slack/validate/accepted.ts';

/** Files land there, one for each test process. */
export const folderVariable = 'SLACK_CONTENT_DIR';

/**
 * The demo's Slack is tested with blocks that Tugboot never sends, among them newer ones than the SDK knows.
 */
const isOurs = (test: string): boolean => !test.includes('/test/demo/');

let isCollecting = false;

/** Once for each process: the setup runs again before each of its test files. */
export function collectSlackContent(folder: string): void {
  if (isCollecting) return;
  isCollecting = true;
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${process.pid}.jsonl`);
  const seen = new Set<string>();
  subscribe(acceptedChannel, (content) => {
    const test = expect.getState().testPath ?? 'unknown';
    if (!isOurs(test)) return;
    const text = JSON.stringify(content);
    const hash = createHash('sha256').update(text).digest('base64');
    if (seen.has(hash)) return;
    seen.add(hash);
    appendFileSync(
      file,
      `${JSON.stringify({ test: test.replace(/^.*\/test\//, 'test/'), ...(content as Accepted) })}\n`,
    );
  });
}
