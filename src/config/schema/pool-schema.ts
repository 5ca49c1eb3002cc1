/** The settings of a pool. */
import { z } from 'zod';
import { parseDuration } from '../../reboot/time/duration.ts';
import { expectKernels } from '../../reboot/policy/policy.ts';
import { approversSchema, autoApproveSchema, slackId } from './approval-schema.ts';
import { changeTicketSchema, reasonForSchema } from './demands-schema.ts';
import { drainSchema } from './drain-schema.ts';
import { gatesSchema, minTimeBetweenSchema, rolloutSchema, topologySchema } from './gates-schema.ts';
import { hooksSchema } from './hooks-schema.ts';
import { duration, durationText, selector } from './schema-parts.ts';
import { remindSchema } from './remind-schema.ts';
import { signalsSchema } from './signals-schema.ts';
import { calendarName, dateList, windowSchema } from './window-schema.ts';

const daemonSetsAre = 'DaemonSets are written as `namespace/name`, such as kube-system/nvidia-*.';

const nodesOrShare = 'Write a number of nodes, at least 1, or a share such as "10%".';

export const poolSchema = z.strictObject(
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
    askAgainAfter: duration(
      '0s',
      'How long after a denial it asks again, also where no riskier packages came, such as 14d. 0s: never.',
    ),
    requesterApproves: z
      .boolean({ error: 'Write true or false.' })
      .default(true)
      .describe(
        'May the person who requested a reboot with `/reboot now` be the only one who approves it? Default true.',
      ),
    changeTicket: changeTicketSchema
      .optional()
      .describe('Every approval names a change ticket. Without it none does.'),
    reasonFor: reasonForSchema,
    remind: remindSchema.optional().describe('Reminders of decisions that nobody takes. Without it there are none.'),
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
    observeOnly: z
      .boolean({ error: 'Write true or false.' })
      .default(false)
      .describe(
        'Show what the nodes ask for, and start nothing: no turn, no cordon, no order, whoever approves. What is under way goes on. Default false.',
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
