/** Reminders of decisions that nobody takes. */
import { z } from 'zod';
import { parseDuration } from '../../reboot/time/duration.ts';
import { slackId } from './approval-schema.ts';
import { durationText } from './schema-parts.ts';
import { timeZone } from './window-schema.ts';

const lengthIs = 'Write a duration above 0s, such as 4h.';

const length = (what: string) =>
  durationText(lengthIs)
    .refine((text) => (parseDuration(text) ?? 0) > 0, { error: lengthIs })
    .describe(what);

const timeIs = 'Times of day look like 08:00, in quotes.';

const timeOfDay = (what: string) =>
  z
    .string({ error: timeIs })
    .regex(/^([01]\d|2[0-3]):[0-5]\d$/, { error: timeIs })
    .describe(what);

export const remindSchema = z.strictObject(
  {
    after: length('How long nobody decides before the approvers are named in the thread.'),
    escalate: z
      .strictObject(
        {
          after: length('How long nobody decides before the other groups are named; longer than `after`.'),
          groups: z
            .array(slackId('S', 'User group'), { error: 'Groups are a list of Slack user group ids.' })
            .min(1, { error: 'Name at least one user group.' })
            .describe('Slack user group ids.'),
        },
        { error: 'An escalation is written as `after:` and `groups:`.' },
      )
      .optional()
      .describe('Other groups that are told later, where the channel sees it.'),
    quiet: z
      .strictObject(
        {
          from: timeOfDay('When the quiet hours begin.'),
          to: timeOfDay('When they end; before `from`: on the next day.'),
          timeZone: timeZone.optional().describe('Their zone; the file’s `timeZone` where absent.'),
        },
        { error: 'Quiet hours are written as `from:` and `to:`.' },
      )
      .optional()
      .describe('Hours in which nobody is reminded: what falls into them waits for their end.'),
  },
  { error: 'Reminders are written as `after:`, `escalate:` and `quiet:`.' },
);
