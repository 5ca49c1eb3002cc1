/**
 * The configuration file, once: validation, defaults, the JSON Schema in schema/, and the documentation come from here.
 * Each message says what would be right; problems.ts adds where it is and what was found.
 */
import { z } from 'zod';
import { weekdays } from '../reboot/policy.ts';
import { parseSelector } from '../reboot/selector.ts';
import { isTimeZone } from '../reboot/windows.ts';
import { parseDuration } from './duration.ts';

const duration = (fallback: string, what: string) =>
  z
    .string({ error: 'Durations look like 90s, 15m, 12h, 1h30m, 30d.' })
    .refine((text) => parseDuration(text) !== undefined, {
      error: 'Durations look like 90s, 15m, 12h, 1h30m, 30d.',
    })
    .default(fallback)
    .describe(`${what} Default ${fallback}.`);

const wallTime = z
  .string({ error: 'Times look like "02:00", in quotes.' })
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, { error: 'Times look like "02:00" and lie between 00:00 and 23:59.' });

const selector = (what: string) =>
  z
    .string({ error: 'Selectors are text, such as "node-role.kubernetes.io/worker=".' })
    .superRefine((text, context) => {
      const parsed = parseSelector(text);
      if (!parsed.ok) context.addIssue({ code: 'custom', message: parsed.problem });
    })
    .describe(what);

const slackId = (prefix: string, what: string) =>
  z
    .string({ error: `${what} ids look like ${prefix}0123ABCD.` })
    .regex(new RegExp(`^[${prefix}][A-Z0-9]{2,}$`), {
      error: `${what} ids look like ${prefix.charAt(0)}0123ABCD; names do not do.`,
    });

const channelOrNamed = 'Approvers are `channel`, or `users:` and `groups:` with Slack ids.';

const approversSchema = z
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

const windowSchema = z.strictObject(
  {
    days: z
      .array(z.enum(weekdays, { error: `Days are ${weekdays.join(' ')}.` }), {
        error: `Days are a list of ${weekdays.join(' ')}.`,
      })
      .min(1, { error: `Name at least one day of ${weekdays.join(' ')}.` })
      .describe('Days on which the window starts. Fri 22:00–04:00 covers Saturday 01:00.'),
    start: wallTime.describe('Wall-clock time at which it opens.'),
    end: wallTime.describe('Wall-clock time at which it closes. Not after the start means the next day.'),
    timeZone: z
      .string({ error: 'Zones look like Europe/Berlin.' })
      .refine(isTimeZone, { error: 'That is no IANA zone. Zones look like Europe/Berlin, or UTC.' })
      .optional()
      .describe('IANA zone; the file’s `timeZone` where absent.'),
  },
  { error: 'A window is written as `days:`, `start:` and `end:`.' },
);

const drainSchema = z.strictObject(
  {
    timeout: duration('15m', 'How long a drain may take.'),
    gracePeriod: z
      .int({ error: 'The grace period is a whole number of seconds.' })
      .min(0, { error: 'Write 0 to 86400 seconds.' })
      .max(86_400, { error: 'Write 0 to 86400 seconds.' })
      .optional()
      .describe('Seconds that overrule each pod’s own grace period.'),
    podSelector: selector('Only matching pods are drained.').optional(),
    deleteEmptyDirData: z
      .boolean({ error: 'Write true or false.' })
      .default(true)
      .describe('Evict pods with emptyDir data, which is lost. Default true.'),
    podsWithoutController: z
      .enum(['refuse', 'evict'], { error: 'Write refuse or evict.' })
      .default('refuse')
      .describe('What to do about pods that nothing brings back. Default refuse.'),
    skipPodsDeletingLongerThan: duration(
      '0s',
      'Do not wait for pods that have been deleting for longer; 0s waits always.',
    ),
    onTimeout: z
      .enum(['fail', 'force'], { error: 'Write fail or force.' })
      .default('fail')
      .describe('What to do when the timeout is over. Default fail.'),
    parallelism: z
      .int({ error: 'A whole number.' })
      .min(1, { error: 'At least 1.' })
      .max(200, { error: 'At most 200.' })
      .default(20)
      .describe('Evictions under way at once. Default 20.'),
  },
  { error: 'Options of the drain have names, such as `timeout: 15m`.' },
);

const nodesOrShare = 'Write a number of nodes, at least 1, or a share such as "10%".';

const poolSchema = z.strictObject(
  {
    name: z.string({ error: 'A pool needs a name.' }).regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, {
      error: 'Pool names are lower-case letters, digits and dashes, at most 63.',
    }),
    selector: selector(
      'Label selector of its nodes; empty matches all. The first pool that matches a node owns it.',
    ).default(''),
    channel: slackId('CG', 'Channel')
      .optional()
      .describe('Channel of its cards; the file’s `channel` where absent.'),
    approvers: approversSchema.optional(),
    approvalsNeeded: z
      .int({ error: 'A whole number.' })
      .min(1, { error: 'At least 1.' })
      .max(10, { error: 'At most 10.' })
      .optional(),
    approval: z
      .enum(['manual', 'window', 'auto'], { error: 'Write manual, window or auto.' })
      .default('manual')
      .describe(
        'manual: people decide. window: approved when the window opens, unless somebody objects. auto: approved at once, inside the window if there is one.',
      ),
    notice: duration('12h', 'How long a card must have been there before a rule may approve it.'),
    windows: z
      .array(windowSchema, { error: 'Windows are a list.' })
      .default([])
      .describe('Maintenance windows, in which reboots may start.'),
    approveNowOutsideWindow: z
      .boolean({ error: 'Write true or false.' })
      .default(true)
      .describe('May people start a reboot outside every window? Default true.'),
    concurrency: z
      .int({ error: 'A whole number.' })
      .min(1, { error: 'At least 1.' })
      .default(1)
      .describe('Nodes out of service through Tugboot at once. Default 1.'),
    maxUnavailable: z
      .union(
        [
          z.int({ error: nodesOrShare }).min(1, { error: nodesOrShare }),
          z.string({ error: nodesOrShare }).regex(/^([1-9]\d?|100)%$/, { error: nodesOrShare }),
        ],
        { error: nodesOrShare },
      )
      .default(1)
      .describe('Nodes of the pool out of service at once for any reason. Default 1.'),
    drain: drainSchema.prefault({}),
    rebootTimeout: duration('10m', 'How long a node may take from the order until it is back.'),
    settleTime: duration('60s', 'How long a node must stay healthy after the boot.'),
    settleTimeout: duration('10m', 'How long a node may take to become healthy after the boot.'),
  },
  { error: 'A pool is written as `name:` and its settings.' },
);

export const configSchema = z.strictObject(
  {
    cluster: z
      .string({ error: 'The cluster needs a name.' })
      .regex(/^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/, {
        error: 'Cluster names are lower-case letters, digits and dashes, at most 40.',
      })
      .default('default')
      .describe('The cluster’s name, as people know it.'),
    channel: slackId('CG', 'Channel')
      .optional()
      .describe('Slack channel of the cards; SLACK_CHANNEL where absent.'),
    timeZone: z
      .string({ error: 'Zones look like Europe/Berlin.' })
      .refine(isTimeZone, { error: 'That is no IANA zone. Zones look like Europe/Berlin, or UTC.' })
      .default('UTC')
      .describe('Zone of the windows that name none.'),
    approvers: approversSchema.optional(),
    concurrency: z
      .int({ error: 'A whole number.' })
      .min(1, { error: 'At least 1.' })
      .default(1)
      .describe('Nodes of all pools out of service through Tugboot at once. Default 1.'),
    pools: z
      .array(poolSchema, { error: 'Pools are a list.' })
      .min(1, { error: 'Name at least one pool, or leave `pools` out: then one pool holds all nodes.' })
      .prefault([{ name: 'nodes' }]),
    history: z
      .strictObject(
        {
          keep: z
            .int({ error: 'A whole number.' })
            .min(0, { error: 'Write 0 or more.' })
            .default(200)
            .describe('Ended Reboots that are kept. Default 200.'),
          maxAge: duration('90d', 'How long an ended Reboot is kept.'),
        },
        { error: 'What is kept is written as `keep:` and `maxAge:`.' },
      )
      .prefault({}),
  },
  { error: 'Settings have names, such as `cluster: prod-eu`.' },
);

export type ConfigFile = z.infer<typeof configSchema>;
export type PoolFile = ConfigFile['pools'][number];

/** The JSON Schema for editors and reviewers; committed as schema/tugboot.schema.json and compared by a test. */
export const jsonSchema = (): object => ({
  ...z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' }),
  title: 'Tugboot configuration',
});
