/** What people have to give with their decisions: a change ticket, a reason. */
import { z } from 'zod';
import { isTicket } from '../../reboot/policy/pool-demands.ts';

const matchesIs =
  'Write a regular expression of a whole ticket, at most 200 characters, such as CHG[0-9]{7}.';

/** Matching `(a+)+` takes time that doubles with each character. */
const repeatsRepetition = /\([^()]*[*+}][^()]*\)\s*[*+{]/;

const isRegularExpression = (text: string): boolean => {
  try {
    return new RegExp(`^(?:${text})$`, 'u').source.length > 0;
  } catch {
    // Not a regular expression: the schema says so.
    return false;
  }
};

export const changeTicketSchema = z
  .strictObject(
    {
      matches: z
        .string({ error: matchesIs })
        .min(1, { error: matchesIs })
        .max(200, { error: matchesIs })
        .refine(isRegularExpression, { error: matchesIs, abort: true })
        .refine((text) => !repeatsRepetition.test(text), {
          error:
            'It repeats a group that has a repetition of its own, which can take for ever to match. Write it without one of them.',
        })
        .describe('Regular expression of a whole ticket.'),
      example: z
        .string({ error: 'Give an example, which people are shown, such as CHG0012345.' })
        .min(1, { error: 'Give an example, which people are shown, such as CHG0012345.' })
        .max(64, { error: 'At most 64 characters.' })
        .describe('Such a ticket, which people are shown.'),
    },
    { error: 'A change ticket is written as `matches:` and `example:`.' },
  )
  .refine(({ matches, example }) => !isRegularExpression(matches) || isTicket({ matches }, example), {
    path: ['example'],
    error: 'It is not what `matches` describes. Write an example that is, or correct `matches`.',
  });

const words = ['approve', 'snooze', 'wake', 'cancel', 'retry', 'skip'] as const;

export const reasonForSchema = z
  .array(
    z.enum(words, {
      error: `Write words of /reboot: ${words.join(', ')}. A denial and a forced drain always need a reason.`,
    }),
    { error: 'Reasons are demanded for a list of words of /reboot.' },
  )
  .default([])
  .describe('The words of `/reboot` that need a reason, besides deny and force, which always do.');
