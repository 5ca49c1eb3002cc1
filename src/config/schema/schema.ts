/**
 * The configuration file: validation, defaults, the JSON Schema in schema/ and the documentation are derived
 * from this schema. Each message says what is valid; problems.ts adds the path and the value found.
 */
import { z } from 'zod';
import { approversSchema, slackId } from './approval-schema.ts';
import { auditSchema } from './audit-schema.ts';
import { clusterName, clustersSchema, sharedMark } from './cluster-schema.ts';
import { departingSchema } from './departing-schema.ts';
import { poolSchema } from './pool-schema.ts';
import { duration } from './schema-parts.ts';
import { calendarSchema, dateList, timeZone } from './window-schema.ts';

/** Settings of the file that a cluster of `clusters` may have of its own. */
const settings = {
  channel: slackId('CG', 'Channel')
    .optional()
    .describe('Slack channel of the cards; SLACK_CHANNEL where absent.'),
  timeZone: timeZone.default('UTC').describe('Zone of the windows and calendars that name none.'),
  excludeDates: dateList(
    'Days on which no window of any pool starts: 2026-12-24, 2026-12-24..2027-01-06, or for every year 12-25 or 12-24..01-06.',
  ).default([]),
  addDates: dateList('Days on which every window that has `days` starts as well.').default([]),
  calendars: z
    .array(calendarSchema, { error: 'Calendars are a list.' })
    .max(50, { error: 'Write at most 50 calendars.' })
    .default([])
    .describe(
      'iCalendar files that keep windows closed, or open them. They hold for the pools that name them.',
    ),
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
  departing: departingSchema
    .prefault({})
    .describe(
      'Nodes on their way out count as out of service and are not started. What marks them, beside what is known.',
    ),
  history: z
    .strictObject(
      {
        keep: z
          .int({ error: 'A whole number.' })
          .min(0, { error: 'Write 0 or more.' })
          .default(200)
          .describe('Ended Reboots that are kept. Default 200. The last five of each node are kept beyond it, up to 32 MiB.'),
        maxAge: duration('90d', 'How long an ended Reboot is kept.'),
      },
      { error: 'What is kept is written as `keep:` and `maxAge:`.' },
    )
    .prefault({}),
};

/** Their names. */
export const ownSettings: ReadonlySet<string> = new Set(Object.keys(settings));

export const configSchema = z.strictObject(
  {
    cluster: clusterName.default('default').describe('The cluster’s name, as people know it.'),
    clusters: clustersSchema(settings)
      .optional()
      .describe(
        'Several clusters that one Tugboot serves, in place of `cluster`. A setting of the file holds for each that has none of its own. One that names neither a kubeconfig, a context nor a server is the cluster that Tugboot runs in.',
      ),
    ...settings,
    metrics: z
      .strictObject(
        {
          kured: z
            .boolean({ error: 'Write true or false.' })
            .default(false)
            .describe('Also export kured_reboot_required, for alerts that were written for kured. Default false.'),
        },
        { error: 'What is exported is written as `kured:`.' },
      )
      .prefault({})
      .describe('What `/metrics` exports beside the metrics that it always has.'),
    audit: auditSchema,
  },
  { error: 'Settings have names, such as `cluster: prod-eu`.' },
);

export type ConfigFile = z.infer<typeof configSchema>;
export type PoolFile = ConfigFile['pools'][number];

/**
 * The JSON Schema for editors and reviewers; committed as schema/tugboot.schema.json and compared by a test.
 * `root`: where it stands in another schema. The settings that a cluster has of its own refer to those of the
 * file.
 */
export const jsonSchema = (root = '#'): object => ({
  ...z.toJSONSchema(configSchema, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ jsonSchema: made }) => {
      const name: unknown = made[sharedMark];
      if (typeof name !== 'string') return;
      for (const key of Object.keys(made)) delete made[key];
      made.$ref = `${root}/properties/${name}`;
      made.description = `In place of the file’s \`${name}\`.`;
    },
  }),
  title: 'Tugboot configuration',
});
