/** How long a node waits for the Jobs that run on it. Only time in which Jobs block the start counts. */
import { limitedByJobsWait } from '../scheduling/blockers/blocker-facts.ts';
import type { Blocker } from '../scheduling/blockers/blockers.ts';
import type { PoolPolicy } from '../policy/policy.ts';
import type { Approved } from '../state/reboot.ts';
import { type Instant, toInstant, toTimestamp } from '../time/time.ts';

type JobsWait = Approved['jobs'];

/** When the wait for Jobs ends, if they block the start from now on. */
export function jobsWaitEnds(jobs: JobsWait, { gates }: PoolPolicy, now: Instant): Instant {
  const since = jobs?.since === undefined ? now : toInstant(jobs.since);
  return since + gates.waitForJobs - (jobs?.waited ?? 0);
}

/** The wait to store when `blockers` are the current blockers. */
export function jobsWaited(jobs: JobsWait, blockers: readonly Blocker[], now: Instant): JobsWait {
  const isBlocking = blockers.some(({ code }) => limitedByJobsWait.has(code));
  if (isBlocking) return { waited: jobs?.waited ?? 0, since: jobs?.since ?? toTimestamp(now) };
  if (jobs?.since === undefined) return jobs;
  return { waited: jobs.waited + Math.max(0, now - toInstant(jobs.since)) };
}
