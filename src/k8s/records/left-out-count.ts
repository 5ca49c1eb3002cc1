import { z } from 'zod';
import { reportLimits } from '../../reboot/nodes/node-report.ts';

/** Clamped instead of rejected: an absurd count must not make the whole object unreadable. */
export const leftOutCount = z
  .int()
  .min(0)
  .transform((count) => Math.min(count, reportLimits.packagesLeftOut));
