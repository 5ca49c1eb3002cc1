/**
 * Records an Event when an optional part of the bot has been unavailable for a while, and another when it is
 * available again.
 */
import { type Clock, inWords, minute, toTimestamp, type Instant, type Millis } from '../reboot/time/time.ts';
import type { Ledger } from '../reboot/ports/stores.ts';
import type { Logger } from '../reboot/ports/logger.ts';

export interface Part {
  /** The name in `/readyz`. */
  readonly name: string;
  /** UpperCamelCase, for the reason of the Event. */
  readonly reason: string;
  /** With a `flaw` the part is not ok but available. */
  readonly health: () => { readonly ok: boolean; readonly why?: string; readonly flaw?: true };
}

export interface OutagesOptions {
  readonly record: Ledger['record'];
  readonly clock: Clock;
  readonly logger: Logger;
  readonly parts: readonly Part[];
}

/** Longer than a regular reconnect. */
const minOutage: Millis = minute;

/** Returns the check, to be called periodically; it never rejects. */
export function createOutages({ record, clock, logger, parts }: OutagesOptions): () => Promise<void> {
  const outages = new Map<string, { readonly since: Instant; recorded: boolean }>();

  const recordEvent = async (
    part: Part,
    kind: 'Unreachable' | 'Reachable',
    since: Instant,
    note: string,
  ): Promise<boolean> => {
    try {
      await record({
        key: `${part.name}.${kind}.${since}`,
        type: kind === 'Unreachable' ? 'Warning' : 'Normal',
        reason: `${part.reason}${kind}`,
        note,
        at: toTimestamp(clock.now()),
      });
      return true;
    } catch (error) {
      logger.warn('outage not recorded as an Event', { part: part.name, err: error });
      return false;
    }
  };

  const check = async (part: Part): Promise<void> => {
    const { ok, why, flaw } = part.health();
    const known = outages.get(part.name);
    const now = clock.now();
    if (ok || flaw) {
      if (known?.recorded === true) {
        const back = await recordEvent(
          part,
          'Reachable',
          known.since,
          `It was away for ${inWords(now - known.since)}.`,
        );
        if (!back) return;
      }
      outages.delete(part.name);
      return;
    }
    const outage = known ?? { since: now, recorded: false };
    outages.set(part.name, outage);
    if (outage.recorded || now - outage.since < minOutage) return;
    const goesOn = 'What is under way goes on as far as it can; /readyz says when it is back.';
    outage.recorded = await recordEvent(
      part,
      'Unreachable',
      outage.since,
      `${why ?? 'It cannot be reached.'} ${goesOn}`,
    );
  };

  return async () => {
    await Promise.all(parts.map(check));
  };
}
