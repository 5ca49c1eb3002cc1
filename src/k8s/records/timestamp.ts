import { z } from 'zod';

/** RFC 3339, as Kubernetes and Tugboot write it. */
export const timestamp = z
  .string()
  .max(40)
  .refine((text) => !Number.isNaN(Date.parse(text)), 'is no time');
