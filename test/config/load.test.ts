import { describe, expect, it } from 'vitest';
import { type Config, loadConfig } from '../../src/config/load.ts';
import { departingByDefault, watchedDepartures } from '../../src/reboot/policy/departure.ts';
import { noHooks } from '../../src/reboot/deadlines/hook-waits.ts';
import { redisAddress } from '../../src/redis-address.ts';
import { ConfigError } from '../../src/config/checks/problems.ts';

const enough = { SLACK_BOT_TOKEN: 'xoxb-1', SLACK_APP_TOKEN: 'xapp-1', SLACK_CHANNEL: 'C0123ABCD' };

type Files = Readonly<Record<string, string>>;

const reader =
  (files: Files) =>
  (path: string): string => {
    const text = files[path];
    if (text === undefined) throw Object.assign(new Error(`ENOENT: ${path}`), { code: 'ENOENT' });
    return text;
  };

const load = (env: Readonly<Record<string, string>>, files: Files = {}): Config =>
  loadConfig({ env, readFile: reader(files) });

const withFile = (yaml: string): Config =>
  load({ ...enough, TUGBOOT_CONFIG: 'tugboot.yaml' }, { 'tugboot.yaml': yaml });

/** What a person reads; empty when nothing is wrong. */
function complaint(load_: () => unknown): string {
  try {
    load_();
    return '';
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
}

describe('without a file', () => {
  const { clusters, ...config } = load(enough);
  const [{ policy, ...cluster }] = clusters;

  it('there is one pool with all nodes, approved by hand, and nobody may approve yet', () => {
    expect(policy.pools).toHaveLength(1);
    expect(policy.pools[0]).toMatchObject({
      name: 'nodes',
      selector: '',
      channel: 'C0123ABCD',
      approval: 'manual',
      approvers: { kind: 'nobody' },
      windows: [],
      concurrency: 1,
      maxUnavailable: { count: 1 },
    });
  });

  it('drains as carefully as can be', () => {
    expect(policy.pools[0]?.drain).toEqual({
      timeout: 15 * 60_000,
      deleteEmptyDirData: true,
      podsWithoutController: 'refuse',
      skipPodsDeletingLongerThan: 0,
      onTimeout: 'undo',
      retryAfter: [5 * 60_000, 30 * 60_000],
      volumeDetachTimeout: 5 * 60_000,
      parallelism: 20,
    });
  });

  it('the rest is what the help says', () => {
    expect(config).toMatchObject({
      queue: { url: 'redis://127.0.0.1:6379' },
      own: { namespace: 'tugboot' },
      healthPort: 8081,
      queueBoard: false,
      logLevel: 'info',
    });
    expect(cluster).toEqual({ calendars: [], kube: { namespace: 'tugboot' }, isHome: true });
  });

  it('an empty file, and one of comments only, mean the same', () => {
    expect(withFile('').clusters[0].policy).toEqual(policy);
    expect(withFile('# nothing yet\n').clusters[0].policy).toEqual(policy);
  });
});

describe('approvers', () => {
  const of = (yaml: string): unknown => withFile(yaml).clusters[0].policy.pools[0]?.approvers;

  it('are everybody in the channel only where that is written', () => {
    expect(of('approvers: channel')).toEqual({ kind: 'channel' });
    expect(of('approvers: {}')).toEqual({ kind: 'nobody' });
    expect(of('approvers: { users: [], groups: [] }')).toEqual({ kind: 'nobody' });
  });

  it('are users and groups, and a pool’s own count before the file’s', () => {
    expect(of('approvers: { users: [U0123ABCD], groups: [S0123ABCD] }')).toEqual({
      kind: 'named',
      users: ['U0123ABCD'],
      groups: ['S0123ABCD'],
    });
    expect(of('approvers: channel\npools: [{ name: a, approvers: { users: [W0123ABCD] } }]')).toEqual({
      kind: 'named',
      users: ['W0123ABCD'],
      groups: [],
    });
  });
});

describe('the environment', () => {
  it('has everything that is wrong with it told at once, with what would be right', () => {
    const env = {
      SLACK_CHANNEL: '#ops',
      LOG_LEVEL: 'loud',
      HEALTH_PORT: '99999',
      SLACK_API_URL: 'slack.com',
      SLACK_APP_TOKEN: 'no',
    };
    expect(complaint(() => load(env))).toBe(
      [
        '6 problems in the environment',
        '  SLACK_BOT_TOKEN: It is not set. Bot token of the Slack app.',
        '  SLACK_APP_TOKEN: An app-level token starts with xapp-.',
        '  SLACK_CHANNEL: Found "#ops". Channel ids look like C0123ABCD; names do not do.',
        '  SLACK_API_URL: Found "slack.com". It looks like https://host:port.',
        '  HEALTH_PORT: Found "99999". It is a port number.',
        '  LOG_LEVEL: Found "loud". It is one of debug, info, warn, error.',
      ].join('\n'),
    );
  });

  it('and the file are told of together', () => {
    const env = { ...enough, TUGBOOT_CONFIG: 'tugboot.yaml', LOG_LEVEL: 'loud' };
    const said = complaint(() => load(env, { 'tugboot.yaml': 'cluster: Prod EU\n' }));
    expect(said).toContain('2 problems in the environment and tugboot.yaml\n');
    expect(said).toContain('\n  LOG_LEVEL: ');
    expect(said).toContain('\n  cluster: Found "Prod EU". ');
  });

  it('counts a variable that is empty as not there', () => {
    expect(load({ ...enough, LOG_LEVEL: '', TUGBOOT_CONFIG: '', REDIS_URL: '' })).toEqual(load(enough));
  });

  it('must name a channel when the file does not', () => {
    const { SLACK_CHANNEL: _, ...rest } = enough;
    expect(complaint(() => load(rest))).toContain('  channel: Nothing is there. Write the id');
    const named = { ...rest, TUGBOOT_CONFIG: 'f' };
    expect(load(named, { f: 'channel: C0FILE123' }).clusters[0].policy.pools[0]?.channel).toBe('C0FILE123');
    expect(
      load(named, { f: 'pools: [{ name: a, channel: C0POOL123 }]' }).clusters[0].policy.pools[0]?.channel,
    ).toBe('C0POOL123');
  });

  it('names a file that is not there', () => {
    const said = complaint(() => load({ ...enough, TUGBOOT_CONFIG: 'gone.yaml' }));
    expect(said).toContain('  gone.yaml: The file cannot be read (ENOENT).');
  });

  it('says where we ourselves run', () => {
    const env = { ...enough, POD_NAMESPACE: 'ops', POD_NAME: 'tugboot-1', NODE_NAME: 'worker-1' };
    expect(load(env).own).toEqual({ namespace: 'ops', pod: 'ops/tugboot-1', node: 'worker-1' });
  });
});

describe('the address of the queues', () => {
  it.each([
    ['redis+sentinel://:pa%40ss@a:26379,b,[::1]:3/queues/2', 'sentinel', 'pa@ss', [26_379, 26_379, 3], 2],
    ['rediss+sentinel://a/queues', 'sentinel', undefined, [26_379], 0],
    ['redis+cluster://bot:word@a:7000,b', 'cluster', 'word', [7000, 6379], 0],
  ])('%s names several servers', (text, kind, password, ports, database) => {
    const address = redisAddress(text);
    expect(address).toMatchObject({ kind, database, tls: text.startsWith('rediss') });
    expect(address?.password).toBe(password);
    expect(address?.hosts.map(({ port }) => port)).toEqual(ports);
    const { queue, secrets } = load({ ...enough, REDIS_URL: text });
    expect(queue).toEqual({ url: text });
    if (password !== undefined) expect(secrets).toContain(password);
  });

  it.each([
    ['redis+sentinel://a:26379', /NAME is what the Sentinels call the primary/],
    ['redis+sentinel://a:99999/queues', /It looks like redis\+sentinel/],
    ['redis+sentinel://:%E0%A4%A@a/queues', /It looks like redis\+sentinel/],
    ['redis+cluster://a:6379/2', /a cluster has no numbered databases/],
    ['redis+cluster://a,,b', /It looks like redis\+cluster/],
    ['http://a', /It looks like redis:/],
  ])('%s is refused with the right form', (text, right) => {
    expect(complaint(() => load({ ...enough, REDIS_URL: text }))).toMatch(right);
  });

  it('is Redis where the queues are to be shown', () => {
    expect(load(enough).queueBoard).toBe(false);
    expect(load({ ...enough, QUEUE_BOARD: 'on' }).queueBoard).toBe(true);
    const said = complaint(() => load({ ...enough, QUEUE_BOARD: 'on', REDIS_URL: 'postgres://a/b' }));
    expect(said).toContain('  QUEUE_BOARD: It shows queues on Redis, and REDIS_URL names a PostgreSQL.');
  });

  it('has a login of the Sentinels only where it names Sentinels', () => {
    const login = { REDIS_SENTINEL_USER: 'bot', REDIS_SENTINEL_PASSWORD: 'sesame' };
    const { queue, secrets } = load({ ...enough, ...login, REDIS_URL: 'redis+sentinel://a/queues' });
    expect(queue).toMatchObject({ sentinel: { username: 'bot', password: 'sesame' } });
    expect(secrets).toContain('sesame');
    const said = complaint(() => load({ ...enough, ...login }));
    expect(said).toContain('2 problems in the environment');
    expect(said).toContain('  REDIS_SENTINEL_PASSWORD: REDIS_URL names no Sentinels.');
    expect(said).not.toContain('sesame');
  });
});

describe('the collector of traces', () => {
  it('is there when it is named, with headers that are secrets', () => {
    expect(load(enough)).not.toHaveProperty('tracing');
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'https://collector:4318',
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20sesame, x-tenant=ops',
    };
    const { tracing, secrets } = load({ ...enough, ...env });
    expect(tracing).toEqual({
      endpoint: 'https://collector:4318',
      headers: { authorization: 'Bearer sesame', 'x-tenant': 'ops' },
      serviceName: 'tugboot',
    });
    expect(secrets).toContain('Bearer sesame');
    const said = complaint(() => load({ ...enough, ...env, OTEL_EXPORTER_OTLP_HEADERS: 'sesame' }));
    expect(said).toContain('  OTEL_EXPORTER_OTLP_HEADERS: It looks like name=value,name=value');
    expect(said).not.toContain('sesame');
  });
});

describe('a secret', () => {
  it('may stand in a file, with a line end behind it', () => {
    const { SLACK_BOT_TOKEN: _, ...rest } = enough;
    const env = { ...rest, SLACK_BOT_TOKEN_FILE: '/run/token', REDIS_URL_FILE: '/run/redis' };
    const config = load(env, { '/run/token': 'xoxb-file\n', '/run/redis': 'rediss://:pa%24s@queues:6379\n' });
    expect(config.slack.botToken).toBe('xoxb-file');
    expect(config.queue.url).toBe('rediss://:pa%24s@queues:6379');
    expect(config.secrets).toEqual(expect.arrayContaining(['xoxb-file', 'xapp-1', 'pa$s']));
  });

  it.each([
    ['that is not there', {}, '/run/token cannot be read (ENOENT).'],
    ['that is empty', { '/run/token': ' \n' }, '/run/token is empty. Bot token of the Slack app.'],
    ['that holds something else', { '/run/token': 'hunter2' }, 'A bot token starts with xoxb-.'],
  ])('in a file %s is told of by the name of that variable', (_case, files: Files, message) => {
    const env = { ...enough, SLACK_BOT_TOKEN: '', SLACK_BOT_TOKEN_FILE: '/run/token' };
    expect(complaint(() => load(env, files))).toBe(
      `1 problem in the environment\n  SLACK_BOT_TOKEN_FILE: ${message}`,
    );
  });

  it('is not taken from two places', () => {
    const env = { ...enough, SLACK_BOT_TOKEN_FILE: '/run/token' };
    expect(complaint(() => load(env, { '/run/token': 'xoxb-2' }))).toContain(
      '  SLACK_BOT_TOKEN_FILE: SLACK_BOT_TOKEN is set as well. Keep one of the two.',
    );
  });

  it('is only what may be secret: other variables know no file', () => {
    const env = { ...enough, LOG_LEVEL_FILE: '/run/level' };
    expect(load(env, { '/run/level': 'debug' }).logLevel).toBe('info');
  });

  it.each([
    ['of the bot, wrong', { SLACK_BOT_TOKEN: 'hunter2-hunter2' }],
    ['of the queues, wrong', { REDIS_URL: 'http://:hunter2@queues' }],
    ['in a variable for something else', { SLACK_CHANNEL: 'xoxb-hunter2' }],
    ['in an address', { SLACK_API_URL: 'ftp://me:hunter2@proxy' }],
  ])('%s is never repeated', (_case, env) => {
    const said = complaint(() => load({ ...enough, ...env }));
    expect(said).toContain('1 problem');
    expect(said).not.toContain('hunter2');
  });

  it.each([
    ['as a value', 'channel: xoxb-hunter2'],
    ['as a name', 'xapp-1-hunter2: true'],
    ['in a long address', `channel: redis://someone-with-a-long-name:${'x'.repeat(60)}hunter2@queues`],
    ['beside an error of YAML', 'channel: xoxb-hunter2: [\n'],
    ['deep in something else', 'channel: { token: xoxp-hunter2 }'],
  ])('in the file %s is never repeated', (_case, yaml) => {
    const said = complaint(() => withFile(yaml));
    expect(said).toContain('problem');
    expect(said).not.toMatch(/hunter2|xxxx/);
  });
});

describe('a bad file', () => {
  it('has everything that is wrong told at once, with place, finding and remedy', () => {
    const yaml = `
cluster: prod-eu
pools:
  - name: control-plane
  - name: workers
    aproval: manual
    concurrency: 0
    windows:
      - { days: [mon, tue, Wednsday], start: '02:00', end: '25:00', timeZone: CEST }
    drain: { timeout: 20, onTimeout: shrug }
`;
    expect(complaint(() => withFile(yaml))).toBe(
      `7 problems in tugboot.yaml
  pools[1].windows[0].days[2]: Found "Wednsday". Days are mon tue wed thu fri sat sun.
  pools[1].windows[0].end: Found "25:00". Times look like "02:00" and lie between 00:00 and 23:59.
  pools[1].windows[0].timeZone: Found "CEST". That is no IANA zone. Zones look like Europe/Berlin, or UTC.
  pools[1].concurrency: Found 0. At least 1.
  pools[1].drain.timeout: Found 20. Durations look like 90s, 15m, 12h, 1h30m, 30d.
  pools[1].drain.onTimeout: Found "shrug". Write undo, fail or force.
  pools[1].aproval: There is no such setting. Did you mean approval?`,
    );
  });

  it.each([
    ['a list', '- a\n', '(the file): Found ["a"].'],
    ['a word', 'hello', '(the file): Found "hello".'],
    ['two documents', 'cluster: a\n---\ncluster: b\n', 'A second document begins here.'],
    ['not YAML', 'pools: [\n', 'line 2: '],
    ['a key twice', 'cluster: a\ncluster: b\n', 'line 2: Map keys must be unique'],
    ['an alias that leads nowhere', 'cluster: *a\n', '(the file): Unresolved alias'],
    ['a billion laughs', bomb(), '(the file): '],
  ])('that is %s is told of in a line', (_case, yaml, message) => {
    const said = complaint(() => withFile(yaml));
    expect(said).toContain('1 problem in tugboot.yaml\n');
    expect(said).toContain(message);
    expect(said.split('\n')).toHaveLength(2);
  });

  it.each([
    [
      'approvers: everybody',
      'approvers: Found "everybody". Approvers are `channel`, or `users:` and `groups:`',
    ],
    [
      'approvers: { users: [mia] }',
      'approvers.users[0]: Found "mia". User ids look like U0123ABCD; names do not do.',
    ],
    [
      'approvers: { groups: ["@sre"] }',
      'approvers.groups[0]: Found "@sre". User group ids look like S0123ABCD',
    ],
    ['pools: []', 'pools: Found []. Name at least one pool, or leave `pools` out'],
    ['pools: [{ name: a }, { name: a }]', 'pools[1].name: Found "a". Another pool has this name already.'],
    [
      'pools: [{ name: a, approval: window }]',
      'pools[0].approval: Found "window". There is no window to approve in.',
    ],
    ['pools: [{ name: a, selector: "a in (" }]', 'pools[0].selector: Found "a in (".'],
    [
      'pools: [{ name: a, maxUnavailable: 0% }]',
      'pools[0].maxUnavailable: Found "0%". Write a number of nodes, at least 1, or a share',
    ],
    [
      'pools: [{ name: a, signals: [maintenance-in-progress] }]',
      'pools[0].signals[0]: Found "maintenance-in-progress". MaintenanceInProgress and DrainInProgress say that somebody works on the node',
    ],
    [
      'pools: [{ name: a, signals: [{ condition: DrainInProgress }] }]',
      'pools[0].signals[0].condition: Found "DrainInProgress". MaintenanceInProgress and DrainInProgress say',
    ],
    ['departing: { taints: ["a b"] }', 'departing.taints[0]: Found "a b". Keys of a taint look like'],
    ['pools: [{ name: a, notice: soon }]', 'pools[0].notice: Found "soon". Durations look like'],
    ['history: { keep: -1 }', 'history.keep: Found -1. Write 0 or more.'],
    [
      'pools: [{ name: a, drain: { gracePeriod: -5, parallelism: 0 } }]',
      'pools[0].drain.gracePeriod: Found -5. Write 0 to 86400 seconds.',
    ],
    ['pools: [{ name: a, approvalsNeeded: 99 }]', 'pools[0].approvalsNeeded: Found 99. At most 10.'],
    [
      'pools: [{ name: a, approvalsNeeded: 2, approvers: { users: [U0123ABCD] } }]',
      'pools[0].approvalsNeeded: Found 2. Only 1 person may approve. Name more approvers, or need fewer approvals.',
    ],
    [
      'approvers: { users: [U0123ABCD, U0123ABCD] }\npools: [{ name: a, approvalsNeeded: 2 }]',
      'pools[0].approvalsNeeded: Found 2. Only 1 person may approve.',
    ],
    [
      'pools: [{ name: a, autoApprove: { packages: { exclude: [kernel] } } }]',
      'pools[0].autoApprove: It limits a rule, and the pool has none: its approval is manual.',
    ],
    [
      'pools: [{ name: a, approval: auto, changeTicket: { matches: "CHG[0-9]+", example: CHG1 } }]',
      'pools[0].changeTicket: A rule approves in this pool, and a rule has no change ticket.',
    ],
    [
      'pools: [{ name: a, changeTicket: { matches: "CHG[0-9]{7}", example: CHG1 } }]',
      'pools[0].changeTicket.example: Found "CHG1". It is not what `matches` describes.',
    ],
    [
      'pools: [{ name: a, changeTicket: { matches: "CHG[", example: CHG1 } }]',
      'pools[0].changeTicket.matches: Found "CHG[". Write a regular expression of a whole ticket',
    ],
    [
      'pools: [{ name: a, changeTicket: { matches: "(CHG[0-9]+)+", example: CHG1 } }]',
      'pools[0].changeTicket.matches: Found "(CHG[0-9]+)+". It repeats a group',
    ],
    [
      'pools: [{ name: a, remind: { after: 4h, escalate: { after: 4h, groups: [S0123ABCD] } } }]',
      'pools[0].remind.escalate.after: Found "4h". Others are told after the approvers. Write more than 4h.',
    ],
    [
      'pools: [{ name: a, reasonFor: [deny] }]',
      'pools[0].reasonFor[0]: Found "deny". Write words of /reboot: approve, snooze, wake, cancel, retry, skip.',
    ],
    [
      'pools: [{ name: a, approval: auto, autoApprove: { packages: {} } }]',
      'pools[0].autoApprove.packages: Found {}. Packages are chosen by `include:` and `exclude:`.',
    ],
    [
      'pools: [{ name: a, approval: auto, autoApprove: { packages: { include: ["a b"] } } }]',
      'pools[0].autoApprove.packages.include[0]: ',
    ],
    ['pools: [{ name: a, ignoreDaemonSets: [cni] }]', 'pools[0].ignoreDaemonSets[0]: '],
    [
      'pools: [{ name: a, giveUpTurnAfter: 15m }]',
      'pools[0].giveUpTurnAfter: Found "15m". The time of the drain is over after 15m (`drain.timeout`): its turn would never be given up. Write less than that, or a longer `drain.timeout`.',
    ],
    [
      'pools: [{ name: a, giveUpTurnAfter: 1h, drain: { timeout: 20m } }]',
      'pools[0].giveUpTurnAfter: Found "1h". The time of the drain is over after 20m',
    ],
  ])('%s', (yaml, message) => {
    expect(complaint(() => withFile(yaml))).toContain(`\n  ${message}`);
  });

  it('of when a turn is given up is right before the end of the drain, and where it never is', () => {
    const given = (pool: string): string => complaint(() => withFile(`pools: [{ name: a, ${pool} }]`));
    expect(given('giveUpTurnAfter: 10m')).toBe('');
    expect(given('giveUpTurnAfter: 1h, drain: { timeout: 2h }')).toBe('');
    expect(given('giveUpTurnAfter: 0s, drain: { timeout: 0s }')).not.toContain('giveUpTurnAfter');
  });

  it('of several approvals is right where a group or the channel may give them', () => {
    const needs = (approvers: string): string =>
      complaint(() => withFile(`pools: [{ name: a, approvalsNeeded: 2, approvers: ${approvers} }]`));
    expect(needs('channel')).toBe('');
    expect(needs('{ groups: [S0123ABCD] }')).toBe('');
    expect(needs('{ users: [U0123ABCD, U0456EFGH] }')).toBe('');
  });
});

describe('what marks nodes on their way out', () => {
  it('is known, and added to by a file', () => {
    const [{ policy }] = withFile(
      'channel: C0FILE123\ndeparting: { taints: [example.com/leaving], annotations: [example.com/gone], conditions: [Terminating] }',
    ).clusters;
    expect(policy.departing.taints).toEqual([...departingByDefault.taints, 'example.com/leaving']);
    expect(policy.departing.annotations).toEqual([...departingByDefault.annotations, 'example.com/gone']);
    expect(policy.departing.conditions).toEqual([...departingByDefault.conditions, 'Terminating']);
    const watched = watchedDepartures(policy);
    expect([...watched.conditions]).toEqual(expect.arrayContaining([...policy.departing.conditions]));
    expect([...watched.annotations]).toEqual(expect.arrayContaining([...policy.departing.annotations]));
  });
});

describe('a whole file', () => {
  const [first] = withFile(`
cluster: prod-eu
channel: C0FILE123
timeZone: Europe/Berlin
concurrency: 2
history: { keep: 5, maxAge: 1d }
pools:
  - name: workers
    selector: node-role.kubernetes.io/worker=
    approval: window
    approvalsNeeded: 2
    approvers: channel
    notice: 1h30m
    askAgainAfter: 14d
    requesterApproves: false
    reasonFor: [wake, cancel]
    remind: { after: 4h, escalate: { after: 1d, groups: [S0123ABCD] }, quiet: { from: '20:00', to: '08:00' } }
    maxUnavailable: 10%
    approveNowOutsideWindow: false
    windows:
      - { days: [fri], start: '22:00', end: '04:00' }
      - { days: [sun], start: '00:00', end: '00:00', timeZone: America/New_York }
    drain: { timeout: 20m, gracePeriod: 30, podSelector: 'app!=x', onTimeout: force, parallelism: 5 }
    topology: { atOnce: 2 }
    minTimeBetween: { node: 1d }
    loopGuard: 1h
    ignoreDaemonSets: [kube-system/nvidia-*]
    finishInWindow: false
    startWithoutSlack: false
    rebootTimeout: 5m
    settleTime: 30s
    settleTimeout: 2m
`).clusters[0].policy.pools;

  it('means what it says', () => {
    expect(first).toEqual({
      name: 'workers',
      selector: 'node-role.kubernetes.io/worker=',
      channel: 'C0FILE123',
      signals: [{ kind: 'reported', name: 'sentinel' }],
      unknownFor: 15 * 60_000,
      approvers: { kind: 'channel' },
      approvalsNeeded: 2,
      approval: 'window',
      noticePeriod: 90 * 60_000,
      approvalExpires: 7 * 24 * 3_600_000,
      askAgainAfter: 14 * 24 * 3_600_000,
      requesterApproves: false,
      reasonFor: ['ask-again', 'cancel'],
      remind: {
        after: 14_400_000,
        escalate: { after: 86_400_000, groups: ['S0123ABCD'] },
        quiet: { from: 20 * 60, to: 8 * 60, timeZone: 'Europe/Berlin' },
      },
      windows: [
        { days: ['fri'], start: 22 * 60, length: 6 * 60, timeZone: 'Europe/Berlin' },
        { days: ['sun'], start: 0, length: 24 * 60, timeZone: 'America/New_York' },
      ],
      excludeDates: [],
      addDates: [],
      calendars: [],
      approveNowOutsideWindow: false,
      digestFrom: 4,
      concurrency: 1,
      maxUnavailable: { percent: 10 },
      topology: { label: 'topology.kubernetes.io/zone', atOnce: 2 },
      minTimeBetween: { pool: 0, node: 24 * 3_600_000 },
      loopGuard: 3_600_000,
      finishInWindow: false,
      startWithoutSlack: false,
      whenWindowCloses: 'finish',
      giveUpTurnAfter: 0,
      gates: {
        blockingPods: [],
        podAnnotations: [],
        healthyPods: [],
        waitForJobs: 0,
        waitForPackageManager: 1_800_000,
        prometheus: [],
      },
      hooks: noHooks,
      ignoreDaemonSets: ['kube-system/nvidia-*'],
      drain: {
        timeout: 20 * 60_000,
        gracePeriodSeconds: 30,
        podSelector: 'app!=x',
        deleteEmptyDirData: true,
        podsWithoutController: 'refuse',
        skipPodsDeletingLongerThan: 0,
        onTimeout: 'force',
        retryAfter: [5 * 60_000, 30 * 60_000],
        volumeDetachTimeout: 5 * 60_000,
        parallelism: 5,
      },
      expectKernel: 'asked',
      rebootTimeout: 5 * 60_000,
      settleTime: 30_000,
      settleTimeout: 2 * 60_000,
    });
  });
});

describe('an expression for alerts', () => {
  const withAlerts = (include: string): string =>
    complaint(() =>
      withFile(
        JSON.stringify({
          pools: [{ name: 'a', gates: { prometheus: [{ url: 'http://p:9090', alerts: { include } }] } }],
        }),
      ),
    );
  it.each(['[', '(Kube', '*x', 'a{2,1}'])(
    '%s is told of when the file is read, and not at night',
    (include) => {
      expect(withAlerts(include)).toContain('No regular expression');
    },
  );
  it.each(['Kube.*', '(?i)kube.*', '(?P<who>a|b)', '[[:alpha:]]+'])('%s is one of Prometheus', (include) => {
    expect(withAlerts(include)).not.toContain('include');
  });
});

/** Aliases of aliases: a few hundred bytes that would become gigabytes. */
function bomb(): string {
  const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
  for (let level = 1; level < 9; level += 1)
    lines.push(`a${level}: &a${level} [${Array.from({ length: 10 }, () => `*a${level - 1}`).join(', ')}]`);
  return lines.join('\n');
}
