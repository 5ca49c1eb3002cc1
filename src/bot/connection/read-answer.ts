import type { z } from 'zod';
import { PortError } from '../../reboot/ports/port-error.ts';

/** Throws a PortError if the answer is not what the method documents. */
export function readAnswer<T>(method: string, schema: z.ZodType<T>, answer: unknown): T {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw new PortError('chat-refused', `Slack answered ${method} in a form that is not known`, {
    retryable: false,
    cause: parsed.error,
  });
}
