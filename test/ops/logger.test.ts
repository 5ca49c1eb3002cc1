import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLogger, type LogLevel } from '../../src/ops/json-logger.ts';
import { secretsHider } from '../../src/ops/secrets.ts';
import { PortError } from '../../src/reboot/ports/port-error.ts';
import type { Logger } from '../../src/reboot/ports/logger.ts';

type Line = Readonly<Record<string, unknown>>;

function logged(
  write: (logger: Logger) => void,
  secrets: readonly string[] = [],
  level: LogLevel = 'debug',
): Line[] {
  const stream = new PassThrough({ encoding: 'utf8' });
  write(createLogger({ level, stream, hide: secretsHider(secrets) }));
  const text = String(stream.read() ?? '');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);
}

describe('the log', () => {
  it('is one JSON object per line: level, time, fields, message', () => {
    const [line, ...others] = logged((logger) =>
      logger
        .child({ cluster: 'prod' })
        .child({ node: 'n1' })
        .info('node cordoned', { owner: 'us\nand "others"' }),
    );
    expect(others).toEqual([]);
    expect(line).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) as string,
      cluster: 'prod',
      node: 'n1',
      owner: 'us\nand "others"',
      msg: 'node cordoned',
    });
  });

  it('begins at its level', () => {
    const all = (logger: Logger): void => {
      for (const level of ['debug', 'info', 'warn', 'error'] as const) logger[level](level);
    };
    expect(logged(all, [], 'warn').map(({ msg }) => msg)).toEqual(['warn', 'error']);
    expect(logged(all, [], 'silent')).toEqual([]);
  });
});

describe('an error in the log', () => {
  const described = (err: unknown): unknown => logged((logger) => logger.warn('x', { err }))[0]?.['err'];

  it('that was expected has its sentence, its code and its causes, and no stack', () => {
    const cause = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    const error = new PortError('cluster-unreachable', 'The cluster cannot be reached.', {
      retryable: true,
      cause,
    });
    expect(described(error)).toEqual({
      message: 'The cluster cannot be reached.',
      code: 'cluster-unreachable',
      cause: { message: 'connect ECONNREFUSED', code: 'ECONNREFUSED' },
    });
  });

  it('that nobody expected has its stack', () => {
    expect(described(new TypeError('x is not a function'))).toMatchObject({
      message: 'x is not a function',
      stack: expect.stringContaining('logger.test.ts') as string,
    });
  });

  it('is described whatever was thrown, and however it is knotted', () => {
    const knot: Error = new Error('round', { cause: undefined });
    knot.cause = knot;
    expect(JSON.stringify(described(knot)).match(/"message"/g)).toHaveLength(6);
    expect(described('just text')).toBe('just text');
    expect(described(null)).toBe('null');
  });
});

describe('a secret', () => {
  const secrets = ['xoxb-1234-abcd', 'redis://:pa"ss\\w@queues:6379', 'pa"ss\\w'];

  it('is never in the log: in no message, field, error, cause or stack', () => {
    const lines = logged((logger) => {
      logger.info(`token xoxb-1234-abcd`);
      logger.info('fields', { deep: { list: ['Bearer xoxb-1234-abcd'] } });
      logger.child({ url: 'redis://:pa"ss\\w@queues:6379' }).warn('away', {
        err: new Error('refused pa"ss\\w', { cause: new Error(`at ?p=${encodeURIComponent('pa"ss\\w')}`) }),
      });
    }, secrets);
    expect(lines).toHaveLength(3);
    expect(JSON.stringify(lines)).not.toMatch(/xoxb|pa\\*"ss|pa%22ss/);
    expect(JSON.stringify(lines)).toContain('[secret]');
  });

  it('of a configuration that was read again are hidden from then on, and the old ones still', () => {
    const hide = secretsHider(['https://calendar.example/old-token']);
    hide.learn(['https://calendar.example/new-token']);
    const line = 'old https://calendar.example/old-token new https://calendar.example/new-token';
    expect(hide(line)).toBe('old [secret] new [secret]');
  });

  it('that contains another is hidden as a whole', () => {
    const hide = secretsHider(['hunter', 'hunter-of-whales']);
    expect(hide('the password is hunter-of-whales')).toBe('the password is [secret]');
  });

  it('of a few letters is left alone: it would tear holes into words', () => {
    expect(secretsHider(['a', 'log'])('a log line')).toBe('a log line');
  });

  it('is gone from any text around it, and what is no secret stays', () => {
    const secret = fc.string({ minLength: 4, unit: 'binary-ascii' });
    const other = fc.string({ unit: fc.constantFrom('.', ',', ' ') });
    fc.assert(
      fc.property(secret, other, other, (hidden, before, after) => {
        fc.pre(/[^., ]/.test(hidden) && !'[secret]'.includes(hidden));
        expect(secretsHider([hidden])(`${before}${hidden}${after}`)).toContain('[secret]');
        expect(secretsHider([hidden])(before)).toBe(before);
      }),
    );
  });
});

describe('a line that records a decision', () => {
  it('is marked, and written at every level', () => {
    const write = (logger: Logger): void => {
      logger.child({ node: 'n1' }).info('decision taken', { by: 'U1' });
      logger.info('node cordoned');
    };
    for (const level of ['error', 'silent'] as const)
      expect(logged(write, [], level)).toMatchObject([
        { level: 'info', msg: 'decision taken', audit: true, node: 'n1', by: 'U1' },
      ]);
    expect(logged(write).map(({ audit }) => audit)).toEqual([true, undefined]);
  });

  it('is passed on as data, without secrets, whatever else its fields hold', () => {
    const stream = new PassThrough();
    const records: unknown[] = [];
    const hide = secretsHider(['hunter2']);
    const logger = createLogger({ level: 'info', stream, hide, onAudit: (record) => records.push(record) });
    logger.info('node cordoned', { reason: '"audit":true' });
    logger.info('reboots paused', { reason: 'hunter2 "audit":true' });
    expect(records).toMatchObject([{ msg: 'reboots paused', reason: '[secret] "audit":true' }]);
  });
});
