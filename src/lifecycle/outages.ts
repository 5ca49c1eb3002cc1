/**
 * Writes an Event when something that the bot can do without has been away for a while, and another when it
 * is back.
 */
import type { Clock } from '../reboot/ports/time.ts';
import type { Ledger } from '../reboot/ports/stores.ts';
import type { Logger } from '../reboot/ports/logger.ts';
import { inWords, minute, toTimestamp, type Instant, type Millis } from '../reboot/ports/time.ts';

export interface Part {
  /** As `/readyz` names it. */
  readonly name: string;
  /** UpperCamelCase, for the reason of the Event. */
  readonly reason: string;
  /** With a `flaw` it is not ok, and there all the same. */
  readonly health: () => { readonly ok: boolean; readonly why?: string; readonly flaw?: true };
}

export interface OutagesOptions {
  readonly record: Ledger['record'];
  readonly clock: Clock;
  readonly logger: Logger;
  readonly parts: readonly Part[];
}

/** A regular reconnect is no outage. */
const worthAnEvent: Millis = minute;

/** Call the result again and again; it never throws. */
export function createOutages({ record, clock, logger, parts }: OutagesOptions): () => Promise<void> {
  const away = new Map<string, { readonly since: Instant; told: boolean }>();

  const tell = async (
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

  const look = async (part: Part): Promise<void> => {
    const { ok, why, flaw } = part.health();
    const known = away.get(part.name);
    const now = clock.now();
    if (ok || flaw) {
      if (known?.told === true) {
        const back = await tell(
          part,
          'Reachable',
          known.since,
          `It was away for ${inWords(now - known.since)}.`,
        );
        if (!back) return;
      }
      away.delete(part.name);
      return;
    }
    const outage = known ?? { since: now, told: false };
    away.set(part.name, outage);
    if (outage.told || now - outage.since < worthAnEvent) return;
    const goesOn = 'What is under way goes on as far as it can; /readyz says when it is back.';
    outage.told = await tell(
      part,
      'Unreachable',
      outage.since,
      `${why ?? 'It cannot be reached.'} ${goesOn}`,
    );
  };

  return async () => {
    await Promise.all(parts.map(look));
  };
}
