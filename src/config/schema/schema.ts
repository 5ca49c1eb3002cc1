/**
 * The configuration file: validation, defaults, the JSON Schema in schema/ and the documentation are derived
 * from this schema. Each message says what is valid; problems.ts adds the path and the value found.
 */
import { z } from 'zod';
import { parseDuration } from '../../reboot/time/duration.ts';
import { expectKernels } from '../../reboot/policy/policy.ts';
import { approversSchema, autoApproveSchema, slackId } from './approval-schema.ts';
import { auditSchema } from './audit-schema.ts';
import { departingSchema } from './departing-schema.ts';
import { gatesSchema, minTimeBetweenSchema, rolloutSchema, topologySchema } from './gates-schema.ts';
import { hooksSchema } from './hooks-schema.ts';
import { defaultDrainTimeout, duration, durationText, durationSyntax, selector } from './schema-parts.ts';
import { signalsSchema } from './signals-schema.ts';
import { calendarName, calendarSchema, dateList, timeZone, windowSchema } from './window-schema.ts';

const pause = durationText(durationSyntax).refine((text) => parseDuration(text) !== undefined, {
  error: durationSyntax,
});

const drainSchema = z.strictObject(
  {
    timeout: duration(defaultDrainTimeout, 'How long a drain may take.'),
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
      .enum(['undo', 'fail', 'force'], { error: 'Write undo, fail or force.' })
      .default('undo')
      .describe(
        'What to do when the timeout is over: `undo` uncordons the node and tries again later, `fail` leaves it cordoned and halts the pool until somebody decides, `force` breaks budgets. Default undo.',
      ),
    retryAfter: z
      .array(pause, { error: 'Write a list of durations, such as [5m, 30m].' })
      .max(10, { error: 'At most 10 pauses.' })
      .default(['5m', '30m'])
      .describe(
        'Pauses before each further try of a drain that was undone; after the last of them somebody is asked. [] asks at once. Default [5m, 30m].',
      ),
    volumeDetachTimeout: duration(
      '5m',
      'How long the reboot waits for the volumes of the pods that moved to be detached; 0s does not wait. Never longer than the drain may take.',
    ),
    parallelism: z
      .int({ error: 'A whole number.' })
      .min(1, { error: 'At least 1.' })
      .max(200, { error: 'At most 200.' })
      .default(20)
      .describe('Evictions under way at once. Default 20.'),
  },
  { error: 'Options of the drain have names, such as `timeout: 15m`.' },
);

const daemonSetsAre = 'DaemonSets are written as `namespace/name`, such as kube-system/nvidia-*.';

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
    signals: signalsSchema,
    maxUptime: durationText('Write a duration of at least 1h, such as 60d.')
      .refine((text) => (parseDuration(text) ?? 0) >= 3_600_000, {
        error: 'Write a duration of at least 1h, such as 60d.',
      })
      .optional()
      .describe(
        'Ask for a reboot after so long without one, such as 60d. Without it uptime asks for nothing.',
      ),
    unknownFor: duration(
      '15m',
      'How long a signal may be unreadable, or an agent silent, before the channel is told.',
    ),
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
    digestFrom: z
      .int({ error: 'A whole number.' })
      .min(0, { error: 'At least 0.' })
      .max(100, { error: 'At most 100.' })
      .default(4)
      .describe(
        'More nodes than this that ask within 10 minutes ask in one message, where they are decided together. 0: each node asks on a card of its own.',
      ),
    notice: duration('12h', 'How long a card must have been there before a rule may approve it.'),
    approvalExpires: duration(
      '7d',
      'How long an approval by people holds, from when it could have started. Then it asks again; for a window not before that has closed. 0s: for ever.',
    ),
    autoApprove: autoApproveSchema.optional().describe('What a rule may approve; everything without it.'),
    windows: z
      .array(windowSchema, { error: 'Windows are a list.' })
      .default([])
      .describe('Maintenance windows, in which reboots may start.'),
    excludeDates: dateList('Days on which no window of the pool starts, besides those of the file.').default(
      [],
    ),
    addDates: dateList(
      'Days on which every window of the pool that has `days` starts as well, besides those of the file. What is excluded stays excluded.',
    ).default([]),
    calendars: z
      .array(calendarName, { error: 'Calendars are a list of names.' })
      .default([])
      .describe('Names of the calendars that the pool obeys.'),
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
    topology: topologySchema
      .optional()
      .describe('Keeps zones or racks apart; a zone is done before the next is begun.'),
    rollout: rolloutSchema
      .optional()
      .describe(
        'A new kernel, or other risky packages, reach the pool in stages; each waits until the one before has been well for a while, and its workloads are as ready as before.',
      ),
    minTimeBetween: minTimeBetweenSchema.prefault({}).describe('Least time between reboots.'),
    loopGuard: duration(
      '30m',
      'A node that asks again so soon after a reboot is not started by a rule, only by a person. 0s: it is.',
    ),
    finishInWindow: z
      .boolean({ error: 'Write true or false.' })
      .default(true)
      .describe(
        'Do not start for the window what, by the pool’s last reboots, would outlast it. Default true.',
      ),
    startWithoutSlack: z
      .boolean({ error: 'Write true or false.' })
      .default(true)
      .describe(
        'Start what was approved also while Slack cannot be reached. What is under way goes on in any case. Default true.',
      ),
    whenWindowCloses: z
      .enum(['finish', 'undo'], { error: 'Write finish or undo.' })
      .default('finish')
      .describe(
        'When the window closes on a drain: finish goes on; undo uncordons the node, which waits for the next window. What was ordered to reboot is finished in both. Default finish.',
      ),
    giveUpTurnAfter: duration(
      '0s',
      'A drain that budgets have held back for so long, without a pod that went, is undone and gives its turn to the next node that waits. 0s: never.',
    ),
    gates: gatesSchema.prefault({}).describe('What has to be well before a node may start.'),
    hooks: hooksSchema
      .prefault({})
      .describe('What other tools are told on the node, and the waits that they are given.'),
    ignoreDaemonSets: z
      .array(
        z
          .string({ error: daemonSetsAre })
          .regex(/^[a-z0-9.*?-]{1,253}\/[a-z0-9.*?-]{1,253}$/, { error: daemonSetsAre }),
        { error: 'DaemonSets are a list of `namespace/name`.' },
      )
      .max(100, { error: 'Write at most 100; `*` stands for many.' })
      .default([])
      .describe(
        'DaemonSets, as `namespace/name` with `*` and `?`, whose pods do not have to be ready after the boot. What was not ready before the drain does not have to be anyway.',
      ),
    drain: drainSchema.prefault({}),
    expectKernel: z
      .enum(expectKernels, { error: 'Write asked, newest or any.' })
      .default('asked')
      .describe(
        'Which kernel must run after the reboot. asked: the new one, where the signals asked for a kernel. newest: the newest that is installed. any: none in particular, for a boot loader that is pinned. Default asked.',
      ),
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
  },
  { error: 'Settings have names, such as `cluster: prod-eu`.' },
);

export type ConfigFile = z.infer<typeof configSchema>;
export type PoolFile = ConfigFile['pools'][number];

/**
 * The JSON Schema for editors and reviewers; committed as schema/tugboot.schema.json and compared by a test.
 */
export const jsonSchema = (): object => ({
  ...z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' }),
  title: 'Tugboot configuration',
});
