/** The part of Alertmanager's API that silences need, in memory, on the clock of a test. */
import { openService, type TestService } from './service-of-a-test.ts';

export interface TestAlertmanager extends TestService {
  active(): number;
}

interface Silence {
  readonly id: string;
  readonly startsAt: string;
  endsAt: string;
  readonly matchers: readonly unknown[];
}

export async function openAlertmanager(now: () => number): Promise<TestAlertmanager> {
  const silences = new Map<string, Silence>();
  const stateOf = ({ startsAt, endsAt }: Silence): string =>
    Date.parse(endsAt) <= now() ? 'expired' : Date.parse(startsAt) <= now() ? 'active' : 'pending';
  const listed = () => [...silences.values()].map((one) => ({ ...one, status: { state: stateOf(one) } }));

  const service = await openService(({ method, path, body }) => {
    if (method === 'GET') return { status: 200, body: listed() };
    if (method === 'DELETE') {
      const silence = silences.get(decodeURIComponent(path.split('/').at(-1) ?? ''));
      if (silence === undefined) return { status: 404, body: '' };
      if (stateOf(silence) === 'expired') return { status: 500, body: '"already expired"' };
      silence.endsAt = new Date(now()).toISOString();
      return { status: 200, body: '' };
    }
    const { id, ...wish } = JSON.parse(body) as Omit<Silence, 'id'> & { readonly id?: string };
    if (Date.parse(wish.endsAt) <= now()) return { status: 400, body: '"end time in the past"' };
    if (id !== undefined && !silences.has(id)) return { status: 404, body: '"silence not found"' };
    const given = id ?? `s${silences.size + 1}`;
    silences.set(given, { ...wish, id: given });
    return { status: 200, body: { silenceID: given } };
  });
  return Object.assign(service, {
    active: () => listed().filter(({ status }) => status.state === 'active').length,
  });
}
