/** Checks whether cards can be posted to the channels of the policy, before a card is lost. */
import { z } from 'zod';
import { PortError } from '../../reboot/ports/port-error.ts';
import type { Logger } from '../../reboot/ports/logger.ts';
import { minute, type Millis } from '../../reboot/time/time.ts';
import type { Gateway } from '../connection/gateway.ts';
import type { Sleep } from '../../timing/sleep.ts';
import { refusalCode } from '../connection/slack-errors.ts';
import type { Health } from '../connection/connection-health.ts';

export interface ChannelsOptions {
  readonly gateway: Pick<Gateway, 'call'>;
  readonly sleep: Sleep;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** IDs in the current policy. */
  readonly channels: () => readonly string[];
}

export interface Channels {
  /**
   * Checks all channels, then rechecks the faulty and unknown ones until the signal aborts. Never rejects.
   */
  watch(): Promise<void>;
  health(): Health;
}

/** A person has to invite the app, which takes minutes. */
const recheckInterval: Millis = 3 * minute;

const answer = z.object({
  channel: z.object({
    is_member: z.boolean().optional(),
    is_archived: z.boolean().optional(),
    is_ext_shared: z.boolean().optional(),
  }),
});

/** The state of a channel, with the remedy of a fault. `shared` is no fault, but is logged. */
type Finding =
  | { readonly kind: 'fine'; readonly shared: boolean }
  | { readonly kind: 'faulty'; readonly sentence: string }
  /** Slack did not answer: not reported as a fault. */
  | { readonly kind: 'unknown'; readonly error: unknown };

export function createChannels(options: ChannelsOptions): Channels {
  const { sleep, logger, signal } = options;
  const findings = new Map<string, Finding>();

  const check = async (channel: string): Promise<void> => {
    const before = findings.get(channel);
    const found = await inspect(options.gateway, channel);
    if (signal.aborted) return;
    findings.set(channel, found.kind === 'unknown' && before ? before : found);
    logChange(logger, channel, { before, found });
  };

  const checkAll = async (): Promise<void> => {
    const named = new Set(options.channels());
    for (const channel of findings.keys()) if (!named.has(channel)) findings.delete(channel);
    for (const channel of named) if (findings.get(channel)?.kind !== 'fine') await check(channel);
  };

  return {
    watch: async () => {
      while (!signal.aborted) {
        await checkAll();
        // Rejects only when the bot stops, which ends the loop.
        await sleep(recheckInterval, signal).catch(() => undefined);
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

async function inspect(gateway: Pick<Gateway, 'call'>, channel: string): Promise<Finding> {
  try {
    const { is_member, is_archived, is_ext_shared } = answer.parse(
      await gateway.call('conversations.info', { channel }),
    ).channel;
    // Archived first: an archived channel accepts no invitation.
    if (is_archived === true) return { kind: 'faulty', sentence: archived(channel) };
    if (is_member === false) return { kind: 'faulty', sentence: notInvited(channel) };
    return { kind: 'fine', shared: is_ext_shared === true };
  } catch (error) {
    // Slack reports private channels without the app as not existing (Slack: conversations.info).
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

interface Change {
  readonly before: Finding | undefined;
  readonly found: Finding;
}

/** Logs each state once, so that the log is not filled until a person fixes it. */
function logChange(logger: Logger, channel: string, { before, found }: Change): void {
  if (found.kind === 'unknown') {
    // A retryable error is transient; a refusal has to be fixed by a person.
    const transient = found.error instanceof PortError && found.error.retryable;
    const level = transient || before !== undefined ? 'debug' : 'warn';
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
