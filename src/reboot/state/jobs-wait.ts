/**
 * How long a node waits for the Jobs that run on it: counted while they hold it back, and not while something
 * else keeps it from its start.
 */
import type { Blocker } from '../scheduling/blockers.ts';
import type { PoolPolicy } from '../policy/policy.ts';
import type { Approved } from './reboot.ts';
import { type Instant, toInstant, toTimestamp } from '../ports/time.ts';

type Waited = Approved['jobs'];

/** When it need not wait for Jobs any more, if they hold it back from now on. */
export function jobsWaitEnds(jobs: Waited, { gates }: PoolPolicy, now: Instant): Instant {
  const since = jobs?.since === undefined ? now : toInstant(jobs.since);
  return since + gates.waitForJobs - (jobs?.waited ?? 0);
}

/** What is to be remembered of it when these are what holds the node back. */
export function jobsWaited(jobs: Waited, blockers: readonly Blocker[], now: Instant): Waited {
  const waits = blockers.some(({ code }) => code === 'jobs-running');
  if (waits) return { waited: jobs?.waited ?? 0, since: jobs?.since ?? toTimestamp(now) };
  if (jobs?.since === undefined) return jobs;
  return { waited: jobs.waited + Math.max(0, now - toInstant(jobs.since)) };
}
