import { z } from 'zod';
import { leftOutCount } from '../nodes/node-report.ts';
import { principal } from './decision.ts';
import { choice, list, type Stored, text, time } from '../schema/field.ts';

const risk = choice(
  ['kernel', 'libc', 'init', 'firmware', 'crypto', 'other'],
  'Kind of the package. A new one of any kind but other makes a decision lapse.',
);
export type RiskClass = Stored<typeof risk>;

const neededPackage = z.object({
  name: text('Name of the package.', 256),
  version: text('The version that was installed.', 256).exactOptional(),
  risk,
  // Absent in records of earlier versions.
  signal: text('The first signal that names it.', 400).exactOptional(),
});
export type NeededPackage = Stored<typeof neededPackage>;

/** A signal that requires a reboot, or a person who requested one. */
const asker = z.object({
  name: text('Name of the signal.', 400),
  reason: text('What the signal says.', 1024).exactOptional(),
});
export type Asker = Stored<typeof asker>;

/** Why a node needs a reboot. */
export const need = z
  .object({
    since: time('Since when it is required.'),
    packages: list(neededPackage, 'Packages that require the reboot.'),
    packagesLeftOut: leftOutCount,
    kernel: z
      .object({
        running: text('Release of the kernel that runs.', 256),
        next: text('Release of the newest kernel that is installed.', 256).exactOptional(),
      })
      .meta({ description: 'The kernel that runs, and the one that would run after the reboot.' }),
    digest: text('Digest of the whole package set, which a decision is bound to.', 256),
    riskDigest: text('Digest of the packages that change the risk. A decision lapses when it changes.', 256),
    // Absent in records of earlier versions, which had one signal, the sentinel.
    askedBy: list(asker, 'The signals that require it, in the order of the pool.', 40).exactOptional(),
    person: z
      .object({
        by: principal,
        at: time('When it was requested.'),
        reason: text('The reason that was given.').exactOptional(),
      })
      .meta({ description: 'The person who requested it. It does not depend on the signals.' })
      .exactOptional(),
  })
  .meta({ description: 'Why the reboot is required.' });
export type Need = Stored<typeof need>;
