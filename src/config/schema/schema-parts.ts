/** Settings of the same kind, wherever they stand in the file. */
import { z } from 'zod';
import { parseSelector } from '../../reboot/policy/selector.ts';
import { durationForm, parseDuration } from '../../reboot/policy/duration.ts';

export const defaultDrainTimeout = '15m';

export const durationsLookLike = 'Durations look like 90s, 15m, 12h, 1h30m, 30d.';

/** Text of the form of a duration; whether it is one, and within a range, is for a refinement to say. */
export const durationText = (error: string) =>
  z.string({ error }).regex(durationForm, { error, abort: true });

export const duration = (fallback: string, what: string) =>
  durationText(durationsLookLike)
    .refine((text) => parseDuration(text) !== undefined, {
      error: durationsLookLike,
    })
    .default(fallback)
    .describe(`${what} Default ${fallback}.`);

export const selector = (what: string) =>
  z
    .string({ error: 'Selectors are text, such as "node-role.kubernetes.io/worker=".' })
    .superRefine((text, context) => {
      const parsed = parseSelector(text);
      if (!parsed.ok) context.addIssue({ code: 'custom', message: parsed.problem });
    })
    .describe(what);

/** RE2 is not JavaScript's dialect, but what no dialect reads is found here and not at night. */
export function isExpression(text: string): boolean {
  // RE2's own ways to set flags and to name groups.
  const common = text.replaceAll(/\(\?[imsU-]+\)/g, '').replaceAll('(?P<', '(?<');
  try {
    return new RegExp(common).source !== '';
  } catch {
    return false;
  }
}
