import type { Blocker } from '../reboot/scheduling/blockers/blockers.ts';
import { type Clock, inWords, type Millis, second } from '../reboot/time/time.ts';
import type { Gatekeeper, StartQuestion } from '../reboot/ports/outside.ts';
import { sharedReadings } from '../timing/shared-readings.ts';
import type { Sleep } from '../timing/sleep.ts';

/** Queries the gatekeepers in order and returns the blockers of the first that has any. */
export const inSequence = (gatekeepers: readonly Gatekeeper[]): Gatekeeper => ({
  async ask(question) {
    for (const gatekeeper of gatekeepers) {
      const blockers = await gatekeeper.ask(question);
      if (blockers.length > 0) return blockers;
    }
    return [];
  },
});

/** Queries all gatekeepers concurrently, so that people see every blocker at once. */
export const concurrently = (gatekeepers: readonly Gatekeeper[]): Gatekeeper => ({
  ask: async (question) =>
    (await Promise.all(gatekeepers.map((gatekeeper) => gatekeeper.ask(question)))).flat(),
});

/**
 * Limits the time of a query for which a person waits. A gatekeeper that does not answer in time becomes a
 * blocker of its own.
 */
export const withTimeout = (
  limit: Millis,
  asked: { readonly gatekeeper: Gatekeeper; readonly what: string; readonly sleep: Sleep },
): Gatekeeper => ({
  async ask(question) {
    const answered = new AbortController();
    const timeout = asked.sleep(limit, answered.signal).then(() => [unknown(asked.what, limit)]);
    try {
      return await Promise.race([asked.gatekeeper.ask(question), timeout]);
    } finally {
      answered.abort();
    }
  },
});

const unknown = (what: string, limit: Millis): Blocker => ({
  code: 'gate-unreachable',
  sentence: `What ${what} is unknown: it did not answer within ${inWords(limit)}.`,
  clears: 'It is asked again just before the start.',
});

const cacheFor = 3 * second;

/** Shares one answer between all nodes of a pool for a few seconds: the query does not depend on the node. */
export function oncePerPool(gatekeeper: Gatekeeper, clock: Clock): Gatekeeper {
  const answers = sharedReadings<readonly Blocker[]>(clock, cacheFor);
  return {
    ask: (question: StartQuestion) =>
      // The key is the query itself and not the pool's name, since the configuration may change.
      answers.read(JSON.stringify(question.pool.gates.prometheus), () => gatekeeper.ask(question)),
  };
}
