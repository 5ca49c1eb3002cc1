/**
 * The Prometheus gate: no relevant alert is firing, and no expression that must be empty has a result. Alerts
 * silenced in an Alertmanager do not count.
 */
import type { Blocker } from '../reboot/scheduling/blockers/blockers.ts';
import type { HttpAccess, PrometheusGate } from '../reboot/policy/pool-gates.ts';
import type { Gatekeeper } from '../reboot/ports/outside.ts';
import { silencedAlerts } from './alertmanager.ts';
import { fieldAt, type Found, type AlertLabels, labelsOf, parsed, refusedText, short } from './answers.ts';
import { type HttpClient, usualTimeout } from './http.ts';

export function prometheusGatekeeper(http: HttpClient): Gatekeeper {
  return {
    async ask({ pool }) {
      const answers = await Promise.all(pool.gates.prometheus.map((gate) => askOne(http, gate)));
      return answers.flat();
    },
  };
}

async function askOne(http: HttpClient, gate: PrometheusGate): Promise<readonly Blocker[]> {
  const answers = await Promise.all([
    ...(gate.alerts ? [alerts(http, gate, alertQuery(gate.alerts))] : []),
    ...gate.queries.map((query) => emptyQuery(http, gate, query)),
  ]);
  return answers.filter((blocker) => blocker !== undefined);
}

/** As a PromQL string literal. */
const quoted = (text: string): string => JSON.stringify(text);

/** Alerts about Tugboot itself, such as one about a halted pool, must not hold the pools that go on. */
const ownAlerts = 'Tugboot.*';

/**
 * Prometheus filters: the expressions are PromQL regular expressions, which match whole names. Tugboot's own
 * alerts count only where `include` names them.
 */
export function alertQuery({ include, exclude, pending }: NonNullable<PrometheusGate['alerts']>): string {
  const matchers = [
    pending ? 'alertstate=~"firing|pending"' : 'alertstate="firing"',
    include === undefined ? `alertname!~${quoted(ownAlerts)}` : `alertname=~${quoted(include)}`,
    ...(exclude === undefined ? [] : [`alertname!~${quoted(exclude)}`]),
  ];
  return `ALERTS{${matchers.join(',')}}`;
}

async function alerts(http: HttpClient, gate: PrometheusGate, promql: string): Promise<Blocker | undefined> {
  const firing = await query(http, gate.access, promql);
  if (!firing.ok) return unreachable(`Prometheus ${gate.name}`, firing.problem);
  if (firing.found.length === 0) return undefined;
  const unsilenced = await withoutSilenced(http, gate, firing.found);
  if (!unsilenced.ok) return unreachable(`The Alertmanager of ${gate.name}`, unsilenced.problem);
  const names = [...new Set(unsilenced.found.map((labels) => nameOf(labels)))].sort();
  if (names.length === 0) return undefined;
  const many = names.length > 1;
  return {
    code: 'alerts-firing',
    sentence: `${many ? 'Alerts' : 'Alert'} ${listed(names)} ${many ? 'are' : 'is'} active.`,
    clears: `It starts when ${many ? 'they have' : 'it has'} cleared${gate.alertmanager ? ' or been silenced' : ''}.`,
  };
}

const nameOf = ({ alertname, alertstate }: AlertLabels): string =>
  `${alertname ?? 'without a name'}${alertstate === 'pending' ? ' (pending)' : ''}`;

const mostNamed = 5;
const listed = (names: readonly string[]): string =>
  names.slice(0, mostNamed).join(', ') +
  (names.length > mostNamed ? ` and ${names.length - mostNamed} more` : '');

async function emptyQuery(
  http: HttpClient,
  gate: PrometheusGate,
  { name, promql }: PrometheusGate['queries'][number],
): Promise<Blocker | undefined> {
  const result = await query(http, gate.access, promql);
  if (!result.ok) return unreachable(`Prometheus ${gate.name}`, `${name}: ${result.problem}`);
  const [first] = result.found;
  if (first === undefined) return undefined;
  const labels = Object.entries(first)
    .filter(([key]) => key !== '__name__')
    .slice(0, 4)
    .map(([key, value]) => `${key}=${value}`)
    .join(', ');
  const more = result.found.length > 1 ? ` and ${result.found.length - 1} more` : '';
  return {
    code: 'query-not-empty',
    sentence: `${name} has to be empty, and is not${labels === '' ? '' : ` (${labels}${more})`}.`,
    clears: 'It starts when the expression has no result.',
  };
}

const unreachable = (who: string, problem: string): Blocker => ({
  code: 'gate-unreachable',
  sentence: `${who} cannot say whether it may start: ${problem}.`,
  clears: 'It is asked again every few seconds.',
});

/** An instant query (Prometheus HTTP API, "Instant queries"); a scalar counts as one result. */
async function query(
  http: HttpClient,
  access: HttpAccess,
  promql: string,
): Promise<Found<readonly AlertLabels[]>> {
  const answer = await http.call(access, {
    method: 'POST',
    path: '/api/v1/query',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ query: promql }).toString(),
    timeout: usualTimeout,
  });
  if (!answer.ok) return answer;
  const body = parsed(answer.text);
  if (answer.status !== 200 || fieldAt(body, 'status') !== 'success')
    return { ok: false, problem: refusedText(answer.status, body) };
  const warnings = fieldAt(body, 'warnings');
  // A Thanos that cannot reach all of its stores returns a partial result with a warning.
  if (Array.isArray(warnings) && warnings.length > 0)
    return { ok: false, problem: `its answer is not complete: ${short(warnings[0])}` };
  const result = fieldAt(body, 'data', 'result');
  const type = fieldAt(body, 'data', 'resultType');
  if (type === 'scalar' || type === 'string') return { ok: true, found: [{}] };
  if (type !== 'vector' || !Array.isArray(result))
    return { ok: false, problem: 'its answer is no instant vector' };
  return { ok: true, found: result.map((series: unknown) => labelsOf(fieldAt(series, 'metric'))) };
}

/**
 * Prometheus adds its external labels when it sends to Alertmanager, so that an alert counts as silenced if a
 * silenced one has all of its labels.
 */
async function withoutSilenced(
  http: HttpClient,
  { alertmanager }: PrometheusGate,
  firing: readonly AlertLabels[],
): Promise<Found<readonly AlertLabels[]>> {
  if (alertmanager === undefined) return { ok: true, found: firing };
  const silenced = await silencedAlerts(http, alertmanager);
  if (!silenced.ok) return silenced;
  return {
    ok: true,
    found: firing.filter((one) => !silenced.found.some((other) => containsLabels(other, one))),
  };
}

const ownLabels = new Set(['__name__', 'alertstate']);
const containsLabels = (all: AlertLabels, some: AlertLabels): boolean =>
  Object.entries(some).every(([key, value]) => ownLabels.has(key) || all[key] === value);
