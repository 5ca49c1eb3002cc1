import type { Ledger } from '../../../src/reboot/ports/stores.ts';
import type { LedgerState } from '../../../src/reboot/scheduling/snapshot/ledger.ts';
import { second } from '../../../src/reboot/time/time.ts';
import type { FakeLedger } from '../ports/fake-ledger.ts';

/** As the real adapter: what a process has read or written in the last seconds is its `latest`. */
export function rememberingLedger(guarded: FakeLedger, stored: FakeLedger, now: () => number): Ledger {
  let known: { readonly state: LedgerState; readonly at: number } | undefined;
  const remembering = async <R>(work: () => Promise<R>): Promise<R> => {
    const at = now();
    known = undefined;
    const answer = await work();
    known = { state: stored.now(), at };
    return answer;
  };
  const read = (): Promise<LedgerState> => remembering(() => guarded.read());
  return {
    record: (event) => guarded.record(event),
    read,
    latest: async () => (known !== undefined && now() - known.at < 5 * second ? known.state : read()),
    take: (turn, limits) => remembering(() => guarded.take(turn, limits)),
    release: (reboot, still) => remembering(() => guarded.release(reboot, still)),
  };
}
