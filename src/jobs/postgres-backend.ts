/** PostgreSQL through BullMQ's second backend, for a demo or a cluster without Redis. */
import { createPostgresBackend, withBackend } from 'bullmq';
import type { Client } from 'pg';
import { second, type Millis } from '../reboot/time/time.ts';
import { exponential } from '../reboot/time/exponential.ts';
import { type Availability, createAvailability } from './availability.ts';
import type { Backend, BackendOptions, Payload } from './backend.ts';
import { type LateDeps, lateQueue, lateWorker } from './late.ts';
import { telemetryOf } from './redis-backend.ts';
import { keepLogs, retention, recovery } from './tuning.ts';

type PgClient = typeof Client;

const probeDelays = { first: second / 4, most: 5 * second, factor: 2 };
const connectTimeout: Millis = 5 * second;

export function openPostgres({ url, prefix, logger, sleep, tracing }: BackendOptions): Backend {
  const available = createAvailability(logger);
  const closing = new AbortController();
  const postgres = withBackend(createPostgresBackend);
  const lost = prober({ url, sleep, available, signal: closing.signal });

  // Called after the first successful probe, which has loaded the module.
  const connection = (): {
    connectionString: string;
    migrate: true;
    max: number;
    Client: PgClient | undefined;
  } => ({
    connectionString: url,
    migrate: true,
    max: 10,
    Client: withErrorListener(lost),
  });
  const deps: LateDeps = { available, trouble: postgresTrouble };
  // This backend has no prefixes: the names of its queues carry it.
  const own = (name: string): string => `${prefix.replaceAll(/[{}]/g, '')}.${name}`;
  return {
    queue: (name) =>
      lateQueue(
        deps,
        () =>
          new postgres.Queue<Payload>(own(name), {
            connection: connection(),
            defaultJobOptions: { ...retention, keepLogs },
            ...telemetryOf(tracing),
          }),
      ),
    worker: (name, processor, tuning) =>
      lateWorker(
        { ...deps, sleep },
        () =>
          new postgres.Worker<Payload>(own(name), processor, {
            connection: connection(),
            autorun: false,
            ...recovery,
            ...retention,
            ...telemetryOf(tracing),
            ...tuning,
          }),
      ),
    onUsable: (callback) => available.onUsable(callback),
    ready: () => available.ready(),
    health: () => available.health(),
    close: async () => {
      available.stop();
      closing.abort();
    },
  };
}

interface Probing {
  readonly url: string;
  readonly sleep: BackendOptions['sleep'];
  readonly available: Availability;
  readonly signal: AbortSignal;
}

/**
 * Probes the server until it answers, at the start and after each loss. Returns the callback for a lost
 * connection.
 */
function prober({ url, sleep, available, signal }: Probing): (error: unknown) => void {
  let probing = false;
  const probe = async (): Promise<void> => {
    if (probing) return;
    probing = true;
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      const error = await failureOf(url);
      if (error === undefined) break;
      available.markUnusable(postgresTrouble(error), error);
      const pause = exponential(probeDelays, attempt + 1);
      await sleep(pause, signal).catch(() => undefined);
    }
    probing = false;
    if (!signal.aborted) available.markUsable();
  };
  void probe();
  return (error) => {
    if (signal.aborted) return;
    available.markUnusable(postgresTrouble(error), error);
    void probe();
  };
}

let loaded: PgClient | undefined;

/** PostgreSQL, appendix A: read_only_sql_transaction. */
const readOnly = '25006';

/** The error of a query, or of a check for read-only mode; undefined if the server can be used. */
async function failureOf(connectionString: string): Promise<unknown> {
  try {
    loaded ??= (await import('pg')).default.Client;
    const client = new loaded({ connectionString, connectionTimeoutMillis: connectTimeout });
    client.on('error', () => undefined); // the pending call rejects as well
    try {
      await client.connect();
      // A standby accepts reads only.
      const { rows } = await client.query('SHOW transaction_read_only');
      if (rows[0]?.['transaction_read_only'] === 'on')
        return Object.assign(new Error('read-only'), { code: readOnly });
    } finally {
      await client.end().catch(() => undefined);
    }
    return undefined;
  } catch (error) {
    return error ?? new Error('no answer');
  }
}

/**
 * A client that is checked out of its pool has no error listener, so that a lost server would end this
 * process.
 */
function withErrorListener(lost: (error: unknown) => void): PgClient | undefined {
  if (loaded === undefined) return undefined;
  return class extends loaded {
    constructor(config: ConstructorParameters<PgClient>[0]) {
      super(config);
      this.on('error', lost);
    }
  };
}

function postgresTrouble(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'no answer';
  // PostgreSQL, appendix A: class 28 is invalid authorization.
  if (code.startsWith('28')) return 'PostgreSQL refuses the user or the password of REDIS_URL.';
  if (code === '3D000') return 'PostgreSQL has no database of the name that REDIS_URL gives.';
  if (code === '42501')
    return `The PostgreSQL user of REDIS_URL lacks a right (${messageOf(error)}). Grant it CREATE on the database.`;
  if (code === readOnly)
    return 'The PostgreSQL of REDIS_URL takes no writes: it is a standby, or read-only. Point REDIS_URL at the primary.';
  // Five characters: an error code of the server, which was reached. Classes 08 and 57 end the connection.
  if (/^(?!08|57)[0-9A-Z]{5}$/.test(code)) return `PostgreSQL refuses: ${messageOf(error)} (${code}).`;
  return `PostgreSQL cannot be reached (${code}). Check REDIS_URL, and that the server runs.`;
}

const messageOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).slice(0, 200);
