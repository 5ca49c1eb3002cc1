/** Who decides on the reboots of a pool: people, and what a rule may decide on its own. */
import { z } from 'zod';

export const slackId = (prefix: string, what: string) =>
  z
    .string({ error: `${what} ids look like ${prefix.charAt(0)}0123ABCD.` })
    .regex(new RegExp(`^[${prefix}][A-Z0-9]{2,}$`), {
      error: `${what} ids look like ${prefix.charAt(0)}0123ABCD; names do not do.`,
    });

const channelOrNamed = 'Approvers are `channel`, or `users:` and `groups:` with Slack ids.';

export const approversSchema = z
  .union(
    [
      z.literal('channel'),
      z.strictObject(
        {
          users: z
            .array(slackId('UW', 'User'), { error: 'Users are a list of Slack user ids.' })
            .default([])
            .describe('Slack user ids.'),
          groups: z
            .array(slackId('S', 'User group'), { error: 'Groups are a list of Slack user group ids.' })
            .default([])
            .describe('Slack user group ids.'),
        },
        { error: channelOrNamed },
      ),
    ],
    { error: channelOrNamed },
  )
  .describe(
    'Who may decide: `channel` (everybody in the channel), or users and groups. Without it nobody may.',
  );

const packagesAre = 'Package names, with `*` and `?`, such as linux-image-*.';

const packageGlobs = (what: string) =>
  z
    .array(z.string({ error: packagesAre }).regex(/^[!-~]{1,200}$/, { error: packagesAre }), {
      error: 'Packages are a list of names, with `*` and `?`.',
    })
    .max(200, { error: 'Write at most 200; `*` stands for many.' })
    .default([])
    .describe(what);

const packagesAsWritten = 'Packages are chosen by `include:` and `exclude:`.';

export const autoApproveSchema = z.strictObject(
  {
    packages: z
      .strictObject(
        {
          include: packageGlobs(
            'Every package that asks has to match one of these; all do where it is empty.',
          ),
          exclude: packageGlobs(
            'No package may match one of these. `kernel` stands for every kernel, whatever its package is called.',
          ),
        },
        { error: packagesAsWritten },
      )
      .refine(({ include, exclude }) => include.length + exclude.length > 0, { error: packagesAsWritten })
      .describe('Packages that a rule may approve.'),
  },
  { error: 'Written as `packages:` with `include:` and `exclude:`.' },
);
