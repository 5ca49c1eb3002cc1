import type { z } from 'zod';

/**
 * Names the first field that is invalid, such as `status.packages[3].name: …`. Contains no value from the
 * object.
 */
export function problemOf(root: string, error: z.ZodError): string {
  const [issue] = error.issues;
  if (!issue) return `${root}: cannot be understood`;
  const path = issue.path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
  return `${root}${path}: ${issue.message}`;
}
