import { loadConfig } from '../../../src/config/load.ts';
import { ConfigError } from '../../../src/config/checks/problems.ts';
import { canary, type Door, refused, taken, textsOf, type Verdict } from '../door.ts';

const env = {
  TUGBOOT_CONFIG: '/etc/tugboot/config.yaml',
  SLACK_BOT_TOKEN: `xoxb-${canary}`,
  SLACK_APP_TOKEN: `xapp-${canary}`,
  SLACK_CHANNEL: 'C0REBOOTS',
  REDIS_URL: `redis://:${canary}@redis:6379`,
  POD_NAMESPACE: 'tugboot',
};

/** With the problems as they are printed: each with its path. */
function loaded(outside: Parameters<typeof loadConfig>[0], names: RegExp): Verdict {
  try {
    loadConfig(outside);
    return taken;
  } catch (error) {
    if (error instanceof ConfigError) return refused(names, error.message);
    throw error;
  }
}

const files = [
  `cluster: prod
timeZone: Europe/Berlin
approvers: { users: [U0MIA], groups: [S0SRE] }
concurrency: 3
excludeDates: ["2026-12-20..2027-01-06"]
pools:
  - name: control-plane
    selector: node-role.kubernetes.io/control-plane
    approvalsNeeded: 2
    requesterApproves: false
  - name: workers
    selector: "!node-role.kubernetes.io/control-plane, zone in (a, b)"
    channel: C0OPS
    approval: window
    windows:
      - { days: [tue, thu], start: "02:00", end: "05:00" }
    concurrency: 2
    maxUnavailable: 10%
    settleTime: 5m
    rebootTimeout: 15m
    drain: { timeout: 30m }
    rollout: { canary: 1, bake: 30m, batches: ["10%", "50%"] }
    digestFrom: 4
history: { keep: 200, maxAge: 90d }
`,
  `clusters:
  - name: eu
    pools: [{ name: a, gates: { prometheus: [{ name: p, url: "https://prom", alerts: { include: "Kube.*" } }] } }]
  - { name: us, kubeconfig: /etc/us.yaml, context: us }
`,
  JSON.stringify({ pools: [{ name: 'a', windows: [{ days: ['mon'], start: '02:00', duration: '3h' }] }] }),
];

export const configuration: Door = {
  name: 'configuration',
  what: 'the configuration file',
  seeds: files,
  tokens: [
    'pools:',
    'windows:',
    '- ',
    ': ',
    '&a ',
    '*a',
    '<<: ',
    '|',
    '>-',
    '---\n',
    '!!binary ',
    '% ',
    '{',
    '[',
  ],
  enter: (input) => loaded({ env, readFile: () => input }, /[a-z]/i),
};

const secrets = /^(SLACK_(BOT|APP)_TOKEN|REDIS_URL)$/;

/** No other variable has a secret, whatever the mutations have moved. */
const withSecrets = (given: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(given).map(([name, value]) => [
      name,
      secrets.test(name) ? value : value.replaceAll(canary, 'x'),
    ]),
  );

export const environment: Door = {
  name: 'environment',
  what: 'environment variables, some of which are secrets',
  seeds: [
    JSON.stringify({ ...env, LOG_LEVEL: 'info', HEALTH_PORT: '8081', TZ: 'UTC' }),
    JSON.stringify({
      ...env,
      SLACK_BOT_TOKEN: canary,
      REDIS_URL: `rediss://u:${canary}@h:6379/0?x=${canary}`,
    }),
    JSON.stringify({ ...env, SLACK_APP_TOKEN: undefined, SLACK_APP_TOKEN_FILE: '/secret' }),
  ],
  tokens: [canary, `:${canary}@`, '_FILE', 'xoxb-', 'xapp-', 'redis://', 'postgres://', '%', '@', '/', '0'],
  enter: (input) =>
    loaded(
      {
        env: withSecrets(textsOf(input)),
        readFile: (path) => (path === '/secret' ? `xapp-${canary}` : 'cluster: prod\npools: [{ name: a }]\n'),
      },
      /[A-Z]{2,}_[A-Z]+|the file/,
    ),
};
