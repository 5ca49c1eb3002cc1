/** Schemas that several parts of the file share. */
import { z } from 'zod';
import { parseSelector } from '../../reboot/policy/selector.ts';
import { durationForm, parseDuration } from '../../reboot/time/duration.ts';

export const defaultDrainTimeout = '15m';

export const durationSyntax = 'Durations look like 90s, 15m, 12h, 1h30m, 30d.';

/** Text in the syntax of a duration; a refinement checks that it is one, and its range. */
export const durationText = (error: string) =>
  z.string({ error }).regex(durationForm, { error, abort: true });

export const duration = (fallback: string, what: string) =>
  durationText(durationSyntax)
    .refine((text) => parseDuration(text) !== undefined, {
      error: durationSyntax,
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

/**
 * The programs that use these expressions have RE2, a dialect other than JavaScript's. What neither dialect
 * accepts is refused here.
 */
export function isExpression(text: string): boolean {
  // RE2's own syntax for flags and named groups.
  const common = text.replaceAll(/\(\?[imsU-]+\)/g, '').replaceAll('(?P<', '(?<');
  try {
    return new RegExp(common).source !== '';
  } catch {
    return false;
  }
}
