import { parseDuration } from '../../reboot/policy/duration.ts';
import type { Millis } from '../../reboot/ports/time.ts';

/** A span as people type it: 30m, 4h, 1h30m, 2d. Undefined for anything else, nothing at all included. */
export function durationArgument(text: string | undefined): Millis | undefined {
  const span = parseDuration(text ?? '');
  return span === 0 ? undefined : span;
}

const units = 's|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|w|weeks?|months?|y|years?';
const likeSpan = new RegExp(`^(\\d+([.,]\\d+)?(${units})?)+$`, 'i');

/** Meant as a span and none: taken for the first word of a reason, it would hold for ever. */
export const isMistyped = (text: string | undefined): boolean =>
  text !== undefined && likeSpan.test(text) && durationArgument(text) === undefined;
