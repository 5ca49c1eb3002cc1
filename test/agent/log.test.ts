import { describe, expect, it } from 'vitest';
import { createLog, createStateLog } from '../../src/agent/log.ts';

const at = Date.parse('2026-11-22T14:00:00Z');

describe('the log', () => {
  it('writes one line of JSON for each message, from its level on', () => {
    const lines: string[] = [];
    const log = createLog({
      write: (line) => lines.push(line),
      level: 'warn',
      now: () => at,
      fields: { node: 'n1' },
    });
    log.info('quiet');
    log.warn('loud', { why: 'a\nb' });
    expect(lines).toEqual([
      '{"level":"warn","time":"2026-11-22T14:00:00.000Z","msg":"loud","node":"n1","why":"a\\nb"}\n',
    ]);
  });

  it('can be silent', () => {
    const log = createLog({
      write: () => expect.unreachable('it is silent'),
      level: 'silent',
      now: () => at,
    });
    log.error('nothing');
  });

  it('says a lasting trouble once, its change again, and its end once', () => {
    const lines: string[] = [];
    const write = (line: string): void => void lines.push((JSON.parse(line) as { msg: string }).msg);
    const stateLog = createStateLog(createLog({ write, level: 'info', now: () => at }));
    stateLog.clear('x', 'over');
    stateLog.raise('x', 'warn', 'trouble', { why: 1 });
    stateLog.raise('x', 'warn', 'trouble', { why: 1 });
    stateLog.raise('x', 'warn', 'trouble', { why: 2 });
    stateLog.clear('x', 'over');
    stateLog.clear('x', 'over');
    expect(lines).toEqual(['trouble', 'trouble', 'over']);
  });

  it('says nothing anew when only the name of the Reboot has become known', () => {
    const lines: string[] = [];
    const write = (line: string): void => void lines.push(line);
    const stateLog = createStateLog(createLog({ write, level: 'info', now: () => at }));
    stateLog.raise('x', 'info', 'a reboot is required', { signal: 'sentinel' });
    stateLog.raise('x', 'info', 'a reboot is required', { signal: 'sentinel', reboot: 'n1-4f1c' });
    expect(lines).toHaveLength(1);
  });
});
