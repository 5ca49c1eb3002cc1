import type { Job } from 'bullmq';
import { askWebhook } from '../../../src/gates/ask-webhook.ts';
import type { HttpClient } from '../../../src/gates/http.ts';
import { prometheusGatekeeper } from '../../../src/gates/prometheus.ts';
import type { Payload } from '../../../src/jobs/backend.ts';
import { type RunDeps, runJob } from '../../../src/jobs/run-job.ts';
import { workOf } from '../../jobs/idle-work.ts';
import { aPool, noon } from '../../fakes/builders.ts';
import { silentLogger } from '../../fakes/silent-logger.ts';
import { canary, type Door, jsonOf, refused, taken } from '../door.ts';

const access = { url: `https://user:${canary}@monitoring.example`, plainHttp: false } as never;
const clock = { now: () => noon };

/** A list goes to Alertmanager, all else to Prometheus; the other of them has nothing to say. */
function clientOf(input: string): HttpClient {
  const value = jsonOf(input);
  const [status, text]: readonly unknown[] = Array.isArray(value) ? value : [];
  const answer = {
    ok: true,
    status: typeof status === 'number' ? status : 200,
    text: typeof text === 'string' ? text : input,
  } as const;
  const isList = answer.text.startsWith('[');
  const quiet = (path: string): string | undefined => {
    if (path === '/api/v2/alerts') return isList ? undefined : '[]';
    return isList && path !== '' ? body({ status: 'success', data: emptyVector }) : undefined;
  };
  return {
    call: async (_access, { path = '' }) => {
      const other = quiet(path);
      return other === undefined ? answer : { ok: true, status: 200, text: textOf(other) };
    },
    close: async () => undefined,
  };
}

const emptyVector = { resultType: 'vector', result: [] };
const textOf = (given: string): string => {
  const value = jsonOf(given);
  return Array.isArray(value) && typeof value[1] === 'string' ? value[1] : given;
};
const body = (value: unknown, status = 200): string => JSON.stringify([status, JSON.stringify(value)]);

export const gateAnswers: Door = {
  name: 'gate-answers',
  what: 'answers of Prometheus, Alertmanager and webhooks',
  seeds: [
    body({
      status: 'success',
      data: {
        resultType: 'vector',
        result: [{ metric: { alertname: 'Down', severity: 'page' }, value: [1, '1'] }],
      },
    }),
    body({ status: 'success', data: emptyVector }),
    body([{ labels: { alertname: 'Down' }, status: { silencedBy: ['x'], state: 'suppressed' } }]),
    body({ status: 'error', errorType: 'bad_data', error: 'parse error' }, 400),
    body({ reason: 'change freeze', final: true }, 409),
    JSON.stringify([502, '<html>Bad Gateway</html>']),
  ],
  tokens: ['"status"', '"data"', '"result"', '"metric"', '"reason"', '"final"', '[409', '[200', '[500'],
  async enter(input) {
    const http = clientOf(input);
    const alerts = { include: undefined, exclude: undefined, pending: false } as never;
    const gates = [
      { access, alerts, queries: ['up == 0'] },
      { access, alertmanager: access, alerts, queries: [] },
    ] as never;
    const pool = aPool();
    const blockers = await prometheusGatekeeper(http).ask({
      pool: { ...pool, gates: { ...pool.gates, prometheus: gates } },
    } as never);
    const webhook = { access, timeout: 1000 } as never;
    const said = await askWebhook({ http, readFile: () => '', clock, cluster: 'prod' }, webhook, {});
    // What fires, or is not empty, was understood.
    const problems = blockers.flatMap(({ code, sentence }) =>
      code === 'gate-unreachable' ? [sentence] : [],
    );
    if (said.kind === 'none') problems.push(said.problem);
    return problems.length === 0 ? taken : refused(/[A-Za-z]/, ...problems);
  },
};

const cluster = 'prod';
const job = (name: string, data: unknown): string => JSON.stringify({ name, data });

export const queue: Door = {
  name: 'queue',
  what: 'jobs in Redis, which another version, or somebody else, may have written',
  seeds: [
    job('reconcile-node', { cluster, id: 'n1', failures: 0 }),
    job('cordon', { cluster, id: 'r1', failures: 2 }),
    job('wake', { cluster, id: 'r1', failures: 0, waits: true }),
    job('levitate', { cluster, id: 'r1' }),
  ],
  tokens: [
    '"cluster"',
    '"id"',
    '"failures"',
    '"waits"',
    '"name"',
    'cordon',
    'resync',
    'plan',
    'start',
    'drain',
  ],
  async enter(input) {
    const value = jsonOf(input);
    const fields = typeof value === 'object' && value !== null ? value : {};
    const { name, data }: { name?: unknown; data?: unknown } = fields;
    const dropped: string[] = [];
    const added = async (): Promise<void> => undefined;
    const queues = new Proxy({}, { get: () => added }) as unknown as RunDeps['queues'];
    const deps: RunDeps = {
      queues: Object.assign(Object.create(null) as object, { addDue: added, of: () => queues }) as never,
      work: new Map([[cluster, workOf({})]]),
      logger: {
        ...silentLogger,
        error: (_message, found) => void dropped.push(String(found?.['problem'])),
      },
      random: () => 0.5,
      clock,
    };
    const given = {
      id: 'j1',
      name: typeof name === 'string' ? name : '',
      data,
      opts: {},
      queueName: 'reboots',
      log: async () => 1,
      updateProgress: added,
    } as unknown as Job<Payload>;
    await runJob(deps, given, new AbortController().signal);
    return dropped.length === 0 ? taken : refused(/payload|job is called/, ...dropped);
  },
};
