/**
 * By default BullMQ takes up to 60 s to detect that the holder of a job died; with these values 6 to 8 s. A
 * short lock is safe: a worker that was merely slow loses at the compare-and-swap. A stall is not a failure
 * of the job, which may be taken over any number of times.
 */
export const recovery = { lockDuration: 6_000, stalledInterval: 2_000, maxStalledCount: 1_000 } as const;

/** Jobs of each queue that are kept after their end, for people who look at the queue. */
export const retention = { removeOnComplete: { count: 500 }, removeOnFail: { count: 500 } } as const;

/** The most lines of a job's log that are kept. */
export const keepLogs = 100;
