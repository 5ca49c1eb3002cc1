/** What a person may decide for many Reboots at once. */
import type { RebootDecision } from '../approval/decision-request.ts';
import { z } from 'zod';
import { longestTicket } from '../policy/pool-demands.ts';
import { choice, type Stored, text } from '../schema/field.ts';

const kind = <const Kind extends RebootDecision['kind']>(value: Kind) =>
  z.literal(value).meta({ description: 'What was decided.' });
const reason = text('Why, as people read it.');

export const manyRequest = z
  .discriminatedUnion('kind', [
    z.object({
      kind: kind('approve'),
      mode: choice(['now', 'window'], 'At once, or in the maintenance window.'),
      atMost: z
        .int()
        .min(1)
        .meta({
          description: 'How many at a time. Absent: the concurrency of the pool, which bounds it too.',
        })
        .exactOptional(),
      changeTicket: text('The change ticket of the approvals.', longestTicket).exactOptional(),
      reason: reason.exactOptional(),
    }),
    z.object({
      kind: kind('snooze'),
      until: z
        .union([z.number(), z.enum(['tonight', 'morning', 'next-window'])])
        .meta({ description: 'In milliseconds since 1970, or a time that depends on the pool.' }),
      reason: reason.exactOptional(),
    }),
    z.object({ kind: kind('deny'), reason }),
    z.object({ kind: kind('ask-again'), reason: reason.exactOptional() }),
    z.object({ kind: kind('cancel'), reason: reason.exactOptional() }),
    z.object({ kind: kind('retry'), reason: reason.exactOptional() }),
    z.object({ kind: kind('skip'), reason: reason.exactOptional() }),
    z.object({ kind: kind('force'), reason }),
  ])
  .meta({ description: 'The decision.' });

export type ManyRequest = Stored<typeof manyRequest>;

/** What it means for one Reboot, whose packages are known to be those that were shown. */
export function requestForOne(request: ManyRequest, digest: string): RebootDecision {
  if (request.kind !== 'approve') return request;
  const { atMost: _ofAll, ...each } = request;
  return { ...each, digest };
}
