/** Contracts of Gatekeeper, Hooks and Silences, on the adapters that call services outside the cluster. */
import { afterAll, beforeAll } from 'vitest';
import { alertmanagerSilences } from '../../src/gates/alertmanager.ts';
import { connectGates } from '../../src/gates/connect-gates.ts';
import { hookCaller } from '../../src/gates/hook-caller.ts';
import { httpClient, type HttpClient } from '../../src/gates/http.ts';
import { prometheusGatekeeper } from '../../src/gates/prometheus.ts';
import { webhookGatekeeper } from '../../src/gates/webhook.ts';
import type { Gatekeeper } from '../../src/reboot/ports/outside.ts';
import type { SilencePolicy } from '../../src/reboot/policy/pool-hooks.ts';
import { minute } from '../../src/reboot/time/time.ts';
import { gatekeeperContract, type GatekeeperWorld } from '../contracts/gatekeeper-contract.ts';
import { hooksContract, type Reply } from '../contracts/hooks-contract.ts';
import { silencesContract } from '../contracts/silences-contract.ts';
import { noon } from '../fakes/builders.ts';
import { fakeClock } from '../fakes/fake-clock.ts';
import { realSleep } from '../k8s/world/api.ts';
import { describeWith } from '../needs/describe-with.ts';
import { openAlertmanager } from './alertmanager-of-a-test.ts';
import { openPrometheus, type TestPrometheus, whyNoPrometheus } from './prometheus-of-a-test.ts';
import { openService, type Received } from './service-of-a-test.ts';

const noFile = (): string => {
  throw new Error('ENOENT');
};
const clock = { now: () => noon };
const nodeOf = ({ body }: Received): string =>
  (JSON.parse(body) as { readonly node: { readonly name: string } }).node.name;

/** The webhook alone, or behind all other gates of a bot. */
async function webhookWorld(
  connect: (http: HttpClient) => { readonly gatekeeper: Gatekeeper; close(): Promise<void> },
): Promise<GatekeeperWorld> {
  const blocked = new Set<string>();
  const server = await openService((request) =>
    blocked.has(nodeOf(request)) ? { status: 409, body: 'change freeze' } : { status: 200, body: '' },
  );
  const http = httpClient(noFile);
  const connected = connect(http);
  return {
    gatekeeper: connected.gatekeeper,
    gates: { webhook: { access: { url: server.url, headers: {} }, timeout: 5_000 } },
    code: 'webhook-refused',
    perNode: true,
    block: async (node) => void blocked.add(node),
    unblock: async (node) => void blocked.delete(node),
    goAway: () => server.close(),
    async close() {
      await connected.close();
      await http.close();
      await server.close();
    },
  };
}

gatekeeperContract('the webhook', () =>
  webhookWorld((http) => ({
    gatekeeper: webhookGatekeeper({ http, readFile: noFile, clock, cluster: 'prod-eu' }),
    close: async () => undefined,
  })),
);

gatekeeperContract('all gates of a bot', () =>
  webhookWorld(() => connectGates({ ask: async () => [] }, { clock, cluster: 'prod-eu', sleep: realSleep })),
);

gatekeeperContract('Prometheus', async () => {
  let firing = false;
  const server = await openService(() => ({
    status: 200,
    body: {
      status: 'success',
      data: {
        resultType: 'vector',
        result: firing
          ? [{ metric: { alertname: 'KubeAPIDown', alertstate: 'firing' }, value: [0, '1'] }]
          : [],
      },
    },
  }));
  const http = httpClient(noFile);
  const access = { url: server.url, headers: {} };
  return {
    gatekeeper: prometheusGatekeeper(http),
    gates: { prometheus: [{ name: 'prod', access, alerts: { pending: false }, queries: [] }] },
    code: 'alerts-firing',
    perNode: false,
    block: async () => {
      firing = true;
    },
    unblock: async () => {
      firing = false;
    },
    goAway: () => server.close(),
    async close() {
      await http.close();
      await server.close();
    },
  };
});

hooksContract('a webhook', async () => {
  const replies = new Map<string, Reply>();
  const server = await openService(({ body }) => {
    const { node, hook } = JSON.parse(body) as { node: { name: string }; hook: { step: string } };
    const reply = replies.get(`${node.name} ${hook.step}`) ?? { says: 'yes' };
    switch (reply.says) {
      case 'yes':
        return { status: 200, body: '' };
      case 'nothing':
        return 'reset';
      case 'not yet':
        return { status: 409, body: { reason: reply.why } };
      case 'never':
        return { status: 409, body: { reason: reply.why, final: true } };
    }
  });
  const http = httpClient(noFile);
  return {
    hooks: hookCaller({ http, readFile: noFile, clock, cluster: 'prod-eu' }),
    hook: { access: { url: server.url, headers: {} }, timeout: 10 * minute, onFailure: 'fail' },
    reply: (node, step, reply) => void replies.set(`${node} ${step}`, reply),
    async close() {
      await http.close();
      await server.close();
    },
  };
});

const matchers: SilencePolicy['matchers'] = [
  { name: 'node', value: '{node}', isRegex: false, isEqual: true },
];

silencesContract('an Alertmanager of a test', async () => {
  const time = fakeClock();
  const server = await openAlertmanager(time.now);
  const http = httpClient(noFile);
  const bot = () => alertmanagerSilences({ http, clock: time, cluster: 'prod-eu' });
  return {
    silences: bot(),
    other: bot(),
    silence: { access: { url: server.url, headers: {} }, matchers },
    now: time.now,
    advance: (ms) => time.advance(ms),
    active: async () => server.active(),
    goAway: () => server.close(),
    async close() {
      await http.close();
      await server.close();
    },
  };
});

describeWith('silences of a real Alertmanager', { lack: whyNoPrometheus }, () => {
  let prometheus: TestPrometheus;
  let round = 0;
  beforeAll(async () => {
    prometheus = await openPrometheus();
  }, 60_000);
  afterAll(() => prometheus.close());

  silencesContract('the real Alertmanager', async () => {
    round += 1;
    // Silences of another cluster are none of ours: each test has a cluster of its own.
    const cluster = `prod-${round}`;
    const http = httpClient(noFile);
    let ahead = 0;
    let url = prometheus.alertmanager;
    const now = (): number => Date.now() + ahead;
    const bot = () => alertmanagerSilences({ http, clock: { now }, cluster });
    return {
      silences: bot(),
      other: bot(),
      get silence() {
        return { access: { url, headers: {} }, matchers };
      },
      now,
      advance: (ms) => {
        ahead += ms;
      },
      async active() {
        const answer = await fetch(`${prometheus.alertmanager}/api/v2/silences`);
        const all = (await answer.json()) as { comment: string; status: { state: string } }[];
        return all.filter(
          ({ comment, status }) => comment.includes(`cluster ${cluster} `) && status.state === 'active',
        ).length;
      },
      async goAway() {
        const gone = await openService(() => 'reset');
        await gone.close();
        url = gone.url;
      },
      close: () => http.close(),
    };
  });
});
