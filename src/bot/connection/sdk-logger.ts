import { LogLevel } from '@slack/bolt';
import type { Logger as SdkLogger } from '@slack/web-api';
import type { Logger } from '../../reboot/ports/logger.ts';

/**
 * Lets the SDK's log lines into ours. Its debug and info lines hold whole payloads and socket addresses with
 * their tickets, so they are dropped; its constant name is the message, and what it says is a field.
 */
export function createSdkLogger(logger: Logger): SdkLogger {
  const detail = (parts: readonly unknown[]): { readonly detail: string } => ({
    detail: parts.map((part) => (part instanceof Error ? part.message : String(part))).join(' '),
  });
  return {
    debug: () => undefined,
    info: () => undefined,
    warn: (...parts) => logger.warn('slack sdk', detail(parts)),
    error: (...parts) => logger.error('slack sdk', detail(parts)),
    setLevel: () => undefined,
    getLevel: () => LogLevel.WARN,
    setName: () => undefined,
  };
}
