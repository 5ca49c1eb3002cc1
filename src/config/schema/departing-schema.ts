/** What marks a node as departing, in addition to Tugboot's defaults. */
import { z } from 'zod';
import { departingByDefault } from '../../reboot/policy/departure.ts';
import type { Departing } from '../../reboot/policy/policy.ts';

const keys = (what: string) =>
  z
    .array(
      z
        .string({ error: `Name the key of the ${what}.` })
        .regex(/^([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/, {
          error: `Keys of a ${what} look like example.com/leaving.`,
        }),
      { error: `Write a list of keys of ${what}s.` },
    )
    .max(50, { error: 'Name at most 50.' })
    .default([]);

const known = (list: readonly string[]): string => list.join(', ');

export const departingSchema = z.strictObject(
  {
    taints: keys('taint').describe(
      `Keys of taints of nodes on their way out, besides ${known(departingByDefault.taints)}.`,
    ),
    annotations: keys('annotation').describe(
      `Keys of annotations, besides ${known(departingByDefault.annotations)}. The value "false" does not count.`,
    ),
    conditions: z
      .array(
        z.string({ error: 'Name the type of the condition.' }).regex(/^[A-Za-z0-9][A-Za-z0-9./_-]{0,315}$/, {
          error: 'Types of conditions look like MaintenanceInProgress.',
        }),
        { error: 'Write a list of types of conditions.' },
      )
      .max(50, { error: 'Name at most 50.' })
      .default([])
      .describe(`Types of conditions that are True, besides ${known(departingByDefault.conditions)}.`),
  },
  { error: 'What is on its way out is written under `taints:`, `annotations:` and `conditions:`.' },
);

export const departingOf = (file: z.infer<typeof departingSchema>): Departing => ({
  taints: [...departingByDefault.taints, ...file.taints],
  annotations: [...departingByDefault.annotations, ...file.annotations],
  conditions: [...departingByDefault.conditions, ...file.conditions],
});
