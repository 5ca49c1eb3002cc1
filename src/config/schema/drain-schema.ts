import { z } from 'zod';
import { parseDuration } from '../../reboot/time/duration.ts';
import { defaultDrainTimeout, duration, durationText, durationSyntax, selector } from './schema-parts.ts';

const pause = durationText(durationSyntax).refine((text) => parseDuration(text) !== undefined, {
  error: durationSyntax,
});

export const drainSchema = z.strictObject(
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
