import { z } from 'zod';
import { reportLimits } from '../../reboot/nodes/node-report.ts';

/** Bounded instead of refused: an absurd count must not make the rest of its object unreadable. */
export const leftOutCount = z
  .int()
  .min(0)
  .transform((count) => Math.min(count, reportLimits.packagesLeftOut));
