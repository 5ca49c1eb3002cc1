/** What `npm test` and `npm run check` run. Always the same, so that a red build is of the change. */
const factor = Number(process.env['FC_RUNS'] ?? 1);

export const runs = { first: 10_000, schedules: 8 * factor };
