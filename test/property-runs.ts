/**
 * How often a property is tried: few times in `npm test`, which has to end soon on a busy machine, and more in `npm run check` and
 * `npm run deflake`, where FC_RUNS multiplies. What a property must have met at least is a share of it.
 */
import process from 'node:process';

const factor = Number(process.env['FC_RUNS'] ?? 1);

export const runsOf = (few: number): number => Math.max(1, Math.round(few * factor));
