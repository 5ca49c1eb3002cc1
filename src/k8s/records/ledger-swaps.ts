import type { LedgerState } from '../../reboot/scheduling/snapshot/ledger.ts';
import { PortError } from '../../reboot/ports/port-error.ts';

export interface StoredLedger {
  readonly state: LedgerState;
  /** Resource version of the ConfigMap; undefined while there is none. */
  readonly version?: string;
}

export interface LedgerSwapsDeps {
  /** The ledger as this process has read or written it last; undefined where that is too old. */
  readonly known: () => StoredLedger | undefined;
  readonly read: () => Promise<StoredLedger>;
  /** Compare-and-swap by resource version. False after a concurrent write. */
  readonly replace: (stored: StoredLedger) => Promise<boolean>;
  readonly pause: (attempt: number) => Promise<void>;
}

export interface Change<R> {
  readonly next: LedgerState;
  readonly result: R;
}

export type LedgerChange<R> = (state: LedgerState) => Change<R> | Promise<Change<R>>;

/** One caller's decision: it runs on a state, and its caller is answered once that state was replaced. */
interface Entry {
  /** Returns the next state. After an error, which its caller gets, the state is as before. */
  readonly run: (state: LedgerState) => Promise<LedgerState>;
  readonly answer: () => void;
  readonly fail: (error: unknown) => void;
}

const maxAttempts = 12;

/**
 * Compare-and-swap of the ledger: decisions run on the state that the write replaces, and again after a
 * conflict. Those of this process that come during a write share the next one, in order, since they would
 * only lose to one another.
 */
export function ledgerSwaps(deps: LedgerSwapsDeps): <R>(decide: LedgerChange<R>) => Promise<R> {
  let waiting: Entry[] = [];
  let isWriting = false;

  async function write(): Promise<void> {
    if (isWriting) return;
    isWriting = true;
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      await commit(deps, batch).then(
        () => batch.forEach(({ answer }) => answer()),
        (error: unknown) => batch.forEach(({ fail }) => fail(error)),
      );
    }
    isWriting = false;
  }

  return (decide) => {
    const { entry, answered } = entryOf(decide);
    waiting.push(entry);
    void write();
    return answered;
  };
}

function entryOf<R>(decide: LedgerChange<R>): { readonly entry: Entry; readonly answered: Promise<R> } {
  const { promise: answered, resolve, reject } = Promise.withResolvers<R>();
  let settle = (): void => undefined;
  const entry: Entry = {
    async run(state) {
      try {
        const { next, result } = await decide(state);
        settle = () => resolve(result);
        return next;
      } catch (error) {
        settle = () => reject(error);
        return state;
      }
    },
    answer: () => settle(),
    fail: reject,
  };
  return { entry, answered };
}

/**
 * The first attempt is made on the ledger as it is known here: its version in the write proves that it is
 * current. Answers without a write always rest on a read.
 */
async function commit(deps: LedgerSwapsDeps, batch: readonly Entry[]): Promise<void> {
  const known = deps.known();
  if (known !== undefined) {
    const next = await runAll(batch, known.state);
    if (next !== known.state && (await deps.replace({ ...known, state: next }))) return;
  }
  for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
    const stored = await deps.read();
    const next = await runAll(batch, stored.state);
    if (next === stored.state || (await deps.replace({ ...stored, state: next }))) return;
    await deps.pause(attempt);
  }
  throw new PortError('conflict', 'The ledger of turns kept changing while it was written.', {
    retryable: true,
  });
}

async function runAll(batch: readonly Entry[], from: LedgerState): Promise<LedgerState> {
  let state = from;
  for (const { run } of batch) state = await run(state);
  return state;
}
