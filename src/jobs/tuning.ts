/**
 * By default BullMQ takes up to 60 s to detect that the holder of a job died; with these values 6 to 8 s. A
 * short lock is safe: a worker that was merely slow loses at the compare-and-swap. A stall is not a failure
 * of the job, which may be taken over any number of times.
 */
export const recovery = { lockDuration: 6_000, stalledInterval: 2_000, maxStalledCount: 1_000 } as const;

export const retention = { removeOnComplete: { count: 0 }, removeOnFail: { count: 100 } } as const;
