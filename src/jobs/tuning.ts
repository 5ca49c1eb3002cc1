/**
 * BullMQ's defaults take up to 60 s to notice that the holder of a job died; with these it takes 6 to 8 s. A
 * worker that was only slow loses at the compare-and-swap, so a short lock costs nothing. A stall is no
 * failure of the job: it may be taken up any number of times.
 */
export const recovery = { lockDuration: 6_000, stalledInterval: 2_000, maxStalledCount: 1_000 } as const;

export const kept = { removeOnComplete: { count: 0 }, removeOnFail: { count: 100 } } as const;
