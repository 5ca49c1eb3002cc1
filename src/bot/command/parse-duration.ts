import { parseDuration } from '../../reboot/time/duration.ts';
import type { Millis } from '../../reboot/time/time.ts';

/** A duration as typed: 30m, 4h, 1h30m, 2d. Undefined for any other text, for 0, and without a text. */
export function durationArgument(text: string | undefined): Millis | undefined {
  const duration = parseDuration(text ?? '');
  return duration === 0 ? undefined : duration;
}

const units = 's|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|w|weeks?|months?|y|years?';
const likeDuration = new RegExp(`^(\\d+([.,]\\d+)?(${units})?)+$`, 'i');

/**
 * Looks like a duration but is invalid. Read as the first word of a reason, it would pause without an end.
 */
export const isInvalidDuration = (text: string | undefined): boolean =>
  text !== undefined && likeDuration.test(text) && durationArgument(text) === undefined;
