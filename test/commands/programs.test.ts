/** The bundles, as people start them. */
import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { writeKubeconfig } from '../../demo/environment/programs.ts';
import { freePort } from '../../demo/environment/queue-server.ts';
import { variables } from '../../src/config/environment.ts';
import { redisOn } from '../jobs/redis-pair.ts';
import { describeWith } from '../needs/describe-with.ts';
import { lackOf } from '../needs/programs.ts';
import { compileCache } from '../stories/warm-programs.ts';

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function tugboot(args: readonly string[], given: Readonly<Record<string, string>> = {}): Promise<Ended> {
  const env = { NODE_COMPILE_CACHE: compileCache, ...given };
  return new Promise((done) => {
    execFile(process.execPath, [resolve('dist/tugboot.cjs'), ...args], { env }, (error, out, err) =>
      done({ code: error ? Number(error.code) : 0, out, err }),
    );
  });
}

const commands = ['serve', 'agent', 'demo', 'manifest', 'check-config'];

describe('tugboot', () => {
  it('says what it can do when asked, and when it was not told anything', async () => {
    const [asked, short, bare] = await Promise.all([tugboot(['--help']), tugboot(['-h']), tugboot([])]);
    expect(asked).toMatchObject({ code: 0, err: '' });
    for (const command of commands) expect(asked.out).toContain(`\n  tugboot ${command} `);
    expect(short).toEqual(asked);
    expect(bare).toEqual({ code: 2, out: '', err: asked.out });
  });

  it('has the version of its package', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect(await tugboot(['--version'])).toEqual({ code: 0, out: `tugboot ${version}\n`, err: '' });
  });

  it('ends with 2 on a command that is not there', async () => {
    expect(await tugboot(['reboot'])).toEqual({
      code: 2,
      out: '',
      err: 'tugboot: there is no command "reboot". See tugboot --help.\n',
    });
  });

  it.each(commands)('%s says what it reads and writes', async (command) => {
    const help = await tugboot([command, '--help']);
    expect(help).toMatchObject({ code: 0, err: '' });
    expect(help.out).toMatch(/^tugboot \S+/);
    expect(help.out).toMatch(/\b(reads|Reads)\b/);
    expect(help.out).toMatch(/\b(writes|Writes)\b/);
    expect(await tugboot([command, '-h'])).toEqual(help);
  });

  it.each(commands)(
    '%s ends with 2 on an option that it does not know, and says where to look',
    async (command) => {
      const { code, out, err } = await tugboot([command, '--what']);
      expect([code, out]).toEqual([2, '']);
      expect(err).toContain(`See tugboot ${command} --help.`);
      expect(err.trimEnd().split('\n')).toHaveLength(1);
    },
  );
});

describe('tugboot serve', () => {
  const enough = {
    SLACK_BOT_TOKEN: 'xoxb-secret1',
    SLACK_APP_TOKEN: 'xapp-secret2',
    SLACK_CHANNEL: 'C0123ABCD',
  };

  it('names every variable that it reads in its help', async () => {
    const { out } = await tugboot(['serve', '--help']);
    expect(Object.keys(variables).filter((name) => !out.includes(`\n  ${name} `))).toEqual([]);
  });

  it('ends with 2 and every problem when the configuration is bad', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tugboot-config-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'tugboot.yaml');
    writeFileSync(
      file,
      'pools: [{ name: a, windows: [{ days: [Wednsday], start: "02:00", end: "05:00" }] }]\n',
    );
    const env = {
      SLACK_BOT_TOKEN: 'secret1',
      SLACK_APP_TOKEN: 'xapp-1',
      TUGBOOT_CONFIG: file,
      KUBECONFIG: '/no/where',
    };
    expect(await tugboot(['serve'], env)).toEqual({
      code: 2,
      out: '',
      err: `tugboot: 3 problems in the environment and ${file}
  SLACK_BOT_TOKEN: A bot token starts with xoxb-.
  KUBECONFIG: Found "/no/where". This file cannot be read (ENOENT).
  pools[0].windows[0].days[0]: Found "Wednsday". Days are mon tue wed thu fri sat sun.
`,
    });
  });

  it('ends with 1 and a sentence when it cannot go on, and tells no secret', async () => {
    const taken = createServer().listen(0);
    onTestFinished(() => void taken.close());
    const address = taken.address();
    const port = typeof address === 'object' && address ? String(address.port) : '';
    const { code, out, err } = await tugboot(['serve'], {
      ...enough,
      ...(await kubeconfig()),
      HEALTH_PORT: port,
    });
    expect(code).toBe(1);
    expect(err).toBe(
      `tugboot: Port ${port} for /livez and /readyz cannot be had: another program has it. Name another in HEALTH_PORT.\n`,
    );
    expect(out).toContain('"msg":"cannot go on"');
    const [first = ''] = out.split('\n');
    expect(JSON.parse(first)).toMatchObject({ msg: 'starting', tz_data: process.versions['tz'] });
    expect(out + err).not.toMatch(/secret[12]/);
  });
});

/** One that is understood and leads nowhere. */
async function kubeconfig(): Promise<{ readonly KUBECONFIG: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'tugboot-kube-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'kubeconfig');
  const config = {
    clusters: [{ name: 'a', cluster: { server: 'https://127.0.0.1:9' } }],
    users: [{ name: 'a', user: { token: 'none' } }],
    contexts: [{ name: 'a', context: { cluster: 'a', user: 'a' } }],
    'current-context': 'a',
  };
  writeFileSync(file, JSON.stringify(config));
  return { KUBECONFIG: file };
}

describe('a start that is refused', () => {
  it('leaves every problem where `kubectl describe pod` shows it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'refused-'));
    const [config, log] = [join(folder, 'tugboot.yaml'), join(folder, 'termination-log')];
    writeFileSync(config, 'channel: C0123ABCD\npools: [{ name: a, windws: [] }]\n');
    writeFileSync(log, '');
    const env = { SLACK_BOT_TOKEN: 'xoxb-1', SLACK_APP_TOKEN: 'xapp-1', TUGBOOT_CONFIG: config };
    const { code, err } = await tugboot(['serve'], { ...env, TERMINATION_LOG: log });
    expect([code, err]).toEqual([2, `tugboot: ${readFileSync(log, 'utf8')}`]);
    expect(err).toContain('pools[0].windws: There is no such setting. Did you mean windows?');
  });
});

describe('tugboot check-config', () => {
  it('says what a right file means', async () => {
    const { code, out } = await tugboot(['check-config', resolve('examples/tugboot.yaml')]);
    expect(code).toBe(0);
    expect(out).toContain('Pool workers: all nodes; approval window; 1 window; 1 at once.');
  });

  it('says how many nodes at once come of three limits, and which one it is', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'check-')), 'tugboot.yaml');
    const pools = [
      { name: 'a', selector: 'a=b', concurrency: 4 },
      { name: 'b', selector: 'b=c', concurrency: 4, maxUnavailable: 5 },
      { name: 'c', concurrency: 2, maxUnavailable: '10%' },
    ];
    writeFileSync(
      file,
      JSON.stringify({ channel: 'C0123ABCD', approvers: 'channel', concurrency: 3, pools }),
    );
    const { out } = await tugboot(['check-config', file]);
    expect(out).toContain('1 at once, since `maxUnavailable` is 1, and not 4.');
    expect(out).toContain('3 at once, since the `concurrency` of the file is 3, and not 4.');
    expect(out).toContain('2 at once.');
  });

  const written = (text: string): string => {
    const file = join(mkdtempSync(join(tmpdir(), 'check-')), 'file.yaml');
    writeFileSync(file, text);
    return file;
  };

  it('warns beside what it says of a right file, and refuses the same with --strict', async () => {
    const file = written('channel: C0123ABCD\napprovers: channel\ntimeZone: EST\n');
    const warning = 'timeZone: Found "EST". It has no summer time. Did you mean America/New_York?';
    const plain = await tugboot(['check-config', file]);
    expect([plain.code, plain.err]).toEqual([0, `tugboot: 1 warning about ${file}\n  ${warning}\n`]);
    expect(plain.out).toContain('is right.');
    const strict = await tugboot(['check-config', '--strict', file]);
    expect([strict.code, strict.out, strict.err]).toEqual([
      2,
      '',
      `tugboot: 1 problem in ${file}\n  ${warning}\n`,
    ]);
  });

  it('reads the values of the chart, and names the places in them', async () => {
    const { code, err } = await tugboot([
      'check-config',
      written('slack: { existingSecret: s }\nconfig: { pools: [{ name: a, windws: [] }] }\n'),
    ]);
    expect(code).toBe(2);
    expect(err).toContain('  config.pools[0].windws: There is no such setting. Did you mean windows?');
  });

  it('checks the environment when it is asked to', async () => {
    const file = written('approvers: channel\n');
    expect((await tugboot(['check-config', file])).code).toBe(0);
    const { code, err } = await tugboot(['check-config', '--env', file], { SLACK_BOT_TOKEN: 'xoxb-1' });
    expect(code).toBe(2);
    expect(err).toMatch(/SLACK_APP_TOKEN: It is not set\./);
    expect(err).toContain('channel: Nothing is there.');
  });

  it('refuses a FIFO and a device at once', async () => {
    const fifo = join(mkdtempSync(join(tmpdir(), 'check-')), 'fifo');
    execFileSync('mkfifo', [fifo]);
    for (const file of [fifo, '/dev/zero']) {
      const { code, err } = await tugboot(['check-config', file]);
      expect([code, err]).toEqual([
        2,
        `tugboot: 1 problem in ${file}\n  ${file}: The file cannot be read (it is no regular file).\n`,
      ]);
    }
  });

  it('is ended by SIGTERM at once, also where nobody takes what it writes', async () => {
    const pools = Array.from({ length: 999 }, (_, index) => ({
      name: `pool-${index}`,
      selector: `a=b${index}`,
    }));
    const file = written(JSON.stringify({ channel: 'C0123ABCD', pools }));
    const fifo = join(mkdtempSync(join(tmpdir(), 'check-')), 'out');
    execFileSync('mkfifo', [fifo]);
    await using out = await open(fifo, 'r+');
    const program = spawn(process.execPath, [resolve('dist/tugboot.cjs'), 'check-config', file], {
      stdio: ['ignore', out.fd, 'ignore'],
    });
    const ended = once(program, 'exit');
    // It has begun to write, and its output is larger than what a pipe holds.
    await out.read(Buffer.alloc(1));
    program.kill('SIGTERM');
    expect(await ended).toEqual([null, 'SIGTERM']);
  });

  it('ends with 2 on a file that is not there', async () => {
    const { code, err } = await tugboot(['check-config', 'gone.yaml']);
    expect([code, err]).toEqual([
      2,
      'tugboot: 1 problem in gone.yaml\n  gone.yaml: The file cannot be read (ENOENT).\n',
    ]);
  });
});

describeWith('the log of serve', { lack: lackOf('redis-server') }, () => {
  it('has what libraries say as lines of its own, and nothing stands beside it', async () => {
    const redis = await redisOn(await freePort());
    await redis.admin.acl('SETUSER', 'bot', 'on', '>pass', '~*', '&*', '+@all', '-info');
    const kubeconfig = join(mkdtempSync(join(tmpdir(), 'tugboot-log-')), 'kubeconfig');
    writeKubeconfig(kubeconfig, `http://127.0.0.1:${await freePort()}`, 'token');
    const child = spawn(process.execPath, [resolve('dist/tugboot.cjs'), 'serve'], {
      env: {
        NODE_COMPILE_CACHE: compileCache,
        SLACK_BOT_TOKEN: 'xoxb-1',
        SLACK_APP_TOKEN: 'xapp-1',
        SLACK_API_URL: `http://127.0.0.1:${await freePort()}/`,
        SLACK_CHANNEL: 'C0123ABCD',
        REDIS_URL: `redis://bot:pass@127.0.0.1:${redis.port}`,
        KUBECONFIG: kubeconfig,
        HEALTH_PORT: '0',
        LOG_LEVEL: 'debug',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [out, err] = ['', ''];
    child.stdout.on('data', (text: Buffer) => (out += text.toString()));
    child.stderr.on('data', (text: Buffer) => (err += text.toString()));
    const over = new Promise((done) => child.once('close', done));
    try {
      // ioredis writes it to the console.
      await expect.poll(() => `${out}${err}`).toMatch(/Skipping the ready check/);
    } finally {
      child.kill('SIGTERM');
      await over;
      await redis.stop();
    }
    expect(err).toBe('');
    const said = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(said).toContainEqual(
      expect.objectContaining({
        level: 'warn',
        msg: 'a library says',
        detail: expect.stringMatching(/^Skipping the ready check/) as string,
      }),
    );
  });
});
