import { z } from 'zod';
import { webhookSchema } from './gates-schema.ts';

export const auditSchema = z
  .strictObject(
    {
      webhook: webhookSchema
        .optional()
        .describe('Where each decision is posted, besides the log. Signed where a `secretFile` is named.'),
    },
    { error: 'The audit is written as `webhook:`.' },
  )
  .prefault({})
  .describe('Decisions as a stream of their own. Without it: the lines of the log with `audit: true`.');
