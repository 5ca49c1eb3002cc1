import { LogLevel } from '@slack/bolt';
import type { Logger as SdkLogger } from '@slack/web-api';
import type { Logger } from '../../reboot/ports/logger.ts';

/**
 * Adapts the SDK's logger to ours. Its debug and info lines are dropped: they hold whole payloads and socket
 * URLs with their tickets. The message is constant, and the SDK's text is a field.
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
