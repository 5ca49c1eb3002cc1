import { z } from 'zod';
import type { ChatRecord } from '../../reboot/state/chat-record.ts';
import type { HistoryEntry } from '../../reboot/state/decision.ts';
import type { Impact } from '../../reboot/state/drain-facts.ts';
import type { Need } from '../../reboot/state/need.ts';
import type { NodeFacts } from '../../reboot/state/reboot.ts';
import { workloadKinds, type WorkloadReadiness } from '../../reboot/rollout/workloads.ts';
import { leftOutCount } from './left-out-count.ts';
import { budgetBlock, principal } from './state-schema.ts';
import { timestamp } from './timestamp.ts';

const text = z.string();
const count = z.int().min(0);
const millis = z.number().min(0);

const need: z.ZodType<Need> = z.object({
  since: timestamp,
  packages: z.array(
    z.object({
      name: text,
      version: text.exactOptional(),
      risk: z.enum(['kernel', 'libc', 'init', 'firmware', 'crypto', 'other']),
    }),
  ),
  packagesLeftOut: leftOutCount,
  kernel: z.object({ running: text, next: text.exactOptional() }),
  digest: text,
  riskDigest: text,
  askedBy: z.array(z.object({ name: text, reason: text.exactOptional() })).exactOptional(),
  person: z.object({ by: principal, at: timestamp, reason: text.exactOptional() }).exactOptional(),
});

const facts: z.ZodType<NodeFacts> = z.object({
  osImage: text,
  controlPlane: z.boolean(),
  zone: text.exactOptional(),
  bootedAt: timestamp.exactOptional(),
});

const impact: z.ZodType<Impact> = z.object({
  at: timestamp,
  podsToMove: count,
  podsStaying: count,
  blockedBy: z.array(budgetBlock),
  lost: z.array(text),
  emptyDir: z.array(text),
  refusals: z.array(text),
  goesDown: z.array(z.object({ workload: text, wants: count.exactOptional(), ready: count })).exactOptional(),
  daemonsNotReady: z.array(text).exactOptional(),
  room: z
    .object({ pods: count, short: count, without: z.array(z.object({ pod: text, reason: text })) })
    .exactOptional(),
  comeBack: z.array(z.object({ pod: text, why: z.enum(['tolerates', 'named']) })).exactOptional(),
  askToStay: z.array(z.object({ pod: text, by: text })).exactOptional(),
  slow: z.object({ timeout: millis, pods: z.array(z.object({ pod: text, grace: millis })) }).exactOptional(),
  nodeNotReady: z.boolean().exactOptional(),
  afterDecision: z
    .object({
      decision: timestamp,
      lost: z.array(text),
      goesDown: z.array(text),
      refusals: z.array(text),
      nodeNotReady: z.boolean().exactOptional(),
    })
    .exactOptional(),
});

const workload: z.ZodType<WorkloadReadiness> = z.object({
  kind: z.enum(workloadKinds),
  namespace: text,
  name: text,
  ready: count,
});

const history: z.ZodType<HistoryEntry> = z.object({
  at: timestamp,
  // Kept unvalidated: a later version may have written an unknown value.
  what: z.string().transform((what) => what as HistoryEntry['what']),
  by: principal.exactOptional(),
  reason: text.exactOptional(),
  digest: text.exactOptional(),
});

const chat: z.ZodType<ChatRecord> = z.object({
  card: z.object({ channel: text, ts: text, hash: text }).exactOptional(),
  former: z.object({ channel: text, ts: text }).exactOptional(),
  posting: z.object({ channel: text, at: timestamp }).exactOptional(),
  progress: z.object({ ts: text, hash: text, at: timestamp }).exactOptional(),
  digest: z.object({ channel: text, ts: text, target: text, hash: text }).exactOptional(),
  replies: z.record(text, text),
});

export const metadataSchema = z.object({
  name: text.min(1),
  uid: text.min(1),
  resourceVersion: text.min(1),
  creationTimestamp: timestamp,
});

/** The fields that are set at creation. `asked` makes a Reboot without status readable as Pending. */
export const specSchema = z.object({
  node: text.min(1),
  nodeUID: text,
  bootID: text,
  pool: text,
  asked: z.object({ need, facts, deleted: z.boolean().exactOptional() }).exactOptional(),
});

/** The part of the status that all phases share. */
export const commonSchema = z.object({
  need,
  facts,
  impact: impact.exactOptional(),
  workloads: z.array(workload).exactOptional(),
  daemonsBefore: z.array(text).exactOptional(),
  pool: text.exactOptional(),
  chat,
  history: z.array(history),
});
