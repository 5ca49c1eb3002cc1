/**
 * Whether cards can be posted where the policy wants them: looked at before the first card is lost, not
 * after.
 */
import { z } from 'zod';
import { PortError } from '../../reboot/ports/port-error.ts';
import type { Logger } from '../../reboot/ports/logger.ts';
import { minute, type Millis } from '../../reboot/ports/time.ts';
import type { Gateway } from '../connection/gateway.ts';
import type { Sleep } from '../connection/send-queue.ts';
import { refusalCode } from '../connection/slack-errors.ts';
import type { Health } from '../connection/connection-health.ts';

export interface ChannelsOptions {
  readonly gateway: Pick<Gateway, 'ask'>;
  readonly sleep: Sleep;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** Ids, as the policy names them now. */
  readonly channels: () => readonly string[];
}

export interface Channels {
  /**
   * Looks at all of them, and goes on looking at those that are not fine until the signal aborts. Never
   * throws.
   */
  watch(): Promise<void>;
  health(): Health;
}

/** Somebody has to invite the app first, so it is no matter of seconds. */
const lookAgain: Millis = 3 * minute;

const answer = z.object({
  channel: z.object({
    is_member: z.boolean().optional(),
    is_archived: z.boolean().optional(),
    is_ext_shared: z.boolean().optional(),
  }),
});

/** What is wrong with a channel and how to mend it; `shared` is no fault, and worth knowing. */
type Finding =
  | { readonly kind: 'fine'; readonly shared: boolean }
  | { readonly kind: 'faulty'; readonly sentence: string }
  /** Slack did not say: nothing is known, and so nothing is called wrong. */
  | { readonly kind: 'unknown'; readonly error: unknown };

export function createChannels(options: ChannelsOptions): Channels {
  const { sleep, logger, signal } = options;
  const findings = new Map<string, Finding>();

  const look = async (channel: string): Promise<void> => {
    const before = findings.get(channel);
    const found = await find(options.gateway, channel);
    if (signal.aborted) return;
    findings.set(channel, found.kind === 'unknown' && before ? before : found);
    tell(logger, channel, { before, found });
  };

  const lookAtAll = async (): Promise<void> => {
    const named = new Set(options.channels());
    for (const channel of findings.keys()) if (!named.has(channel)) findings.delete(channel);
    for (const channel of named) if (findings.get(channel)?.kind !== 'fine') await look(channel);
  };

  return {
    watch: async () => {
      while (!signal.aborted) {
        await lookAtAll();
        // Cut short by the end of the bot alone, which ends the loop as well.
        await sleep(lookAgain, signal).catch(() => undefined);
      }
    },
    health: () => {
      const faults = [...findings.values()].flatMap((found) =>
        found.kind === 'faulty' ? [found.sentence] : [],
      );
      return faults.length === 0 ? { ok: true } : { ok: false, flaw: true, why: faults.join(' ') };
    },
  };
}

async function find(gateway: Pick<Gateway, 'ask'>, channel: string): Promise<Finding> {
  try {
    const { is_member, is_archived, is_ext_shared } = answer.parse(
      await gateway.ask('conversations.info', { channel }),
    ).channel;
    // Nobody can be invited into an archived channel, so that comes first.
    if (is_archived === true) return { kind: 'faulty', sentence: archived(channel) };
    if (is_member === false) return { kind: 'faulty', sentence: notInvited(channel) };
    return { kind: 'fine', shared: is_ext_shared === true };
  } catch (error) {
    // Private channels that the app is not in do not exist for it (Slack: conversations.info).
    if (refusalCode(error) === 'channel_not_found') return { kind: 'faulty', sentence: notFound(channel) };
    return { kind: 'unknown', error };
  }
}

const archived = (channel: string): string =>
  `Channel ${channel} is archived: no card can be posted there. Unarchive it, or name another channel in the configuration.`;
const notInvited = (channel: string): string =>
  `Tugboot is not in channel ${channel}: no card can be posted there. Open the channel and invite the app with /invite.`;
const notFound = (channel: string): string =>
  `Slack knows no channel ${channel}, or it is private and Tugboot is not in it. Invite the app with /invite, or mend the id in the configuration.`;

interface News {
  readonly before: Finding | undefined;
  readonly found: Finding;
}

/** Each state is told once: the log is not filled while somebody is on their way to mend it. */
function tell(logger: Logger, channel: string, { before, found }: News): void {
  if (found.kind === 'unknown') {
    // What Slack cannot answer now it answers later; what it refuses, somebody has to mend.
    const passing = found.error instanceof PortError && found.error.retryable;
    const level = passing || before !== undefined ? 'debug' : 'warn';
    logger[level]('channel cannot be looked at', { channel, err: found.error });
    return;
  }
  if (found.kind === 'faulty') {
    if (before?.kind !== 'faulty' || before.sentence !== found.sentence)
      logger.error('channel cannot be used', { channel, why: found.sentence });
    return;
  }
  if (before?.kind === 'faulty') logger.info('channel can be used now', { channel });
  if (found.shared) {
    const why = 'People of other organisations see the cards. Their clicks are refused.';
    logger.warn('channel is shared with other organisations', { channel, why });
  }
}
