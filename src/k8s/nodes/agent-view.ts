import { z } from 'zod';
import { nodeContract } from '../../reboot/nodes/node-contract.ts';
import { reportLimits, type NodeReport } from '../../reboot/nodes/node-report.ts';
import type { AgentView } from '../../reboot/nodes/observation.ts';
import type { NodeNote, NoteTopic } from '../../reboot/nodes/node-note.ts';
import { field, textAt } from '../api/json-value.ts';
import { timestamp } from '../../reboot/state/field.ts';
import { leftOutCount } from '../../reboot/state/need.ts';
import { problemOf } from '../records/problem.ts';

const {
  packages,
  nameLength,
  versionLength,
  reasonLength,
  signals,
  signalName,
  signalPackages,
  otherRebooters,
} = reportLimits;

const answer = z.enum(['yes', 'no', 'unknown']);
const reason = z.string().max(reasonLength);
const packageSchema = z.object({
  name: z.string().max(nameLength),
  version: z.string().max(versionLength).exactOptional(),
});

/** Reads the known fields; an agent of a later version may send more. */
const reportSchema: z.ZodType<NodeReport> = z.object({
  required: answer,
  reason: reason.exactOptional(),
  requiredSince: timestamp.exactOptional(),
  packages: z.array(packageSchema).max(packages),
  packagesLeftOut: leftOutCount,
  kernel: z.object({
    running: z.string().max(versionLength),
    newest: z.string().max(versionLength).exactOptional(),
  }),
  bootId: z.string().max(64),
  bootedAt: timestamp.exactOptional(),
  agent: z.string().max(64),
  signals: z
    .array(
      z.object({
        name: z.string().max(signalName),
        required: answer,
        reason: reason.exactOptional(),
        since: timestamp.exactOptional(),
        packages: z.array(packageSchema).max(signalPackages).exactOptional(),
      }),
    )
    .max(signals)
    .exactOptional(),
  asking: reason.exactOptional(),
  packageWork: z.object({ since: timestamp, active: z.boolean(), what: reason }).exactOptional(),
  otherRebooters: z
    .array(z.object({ name: z.string().max(signalName), what: reason }))
    .max(otherRebooters)
    .exactOptional(),
  order: z
    .object({
      endBoot: z.string().max(64),
      state: z.enum(['obeying', 'refused', 'failed']),
      at: timestamp,
      message: reason.exactOptional(),
      generation: z.int().min(0).exactOptional(),
    })
    .exactOptional(),
});

const noteSchema: z.ZodType<NodeNote> = z.object({
  about: z.array(z.string().max(signalName)).max(2 * signals),
  since: timestamp,
  notice: z.object({ key: z.string().max(64), begun: timestamp, at: timestamp }).exactOptional(),
  told: z.boolean().exactOptional(),
});

/** An unreadable note is treated as absent: it is written again. */
export function noteOf(object: unknown, topic: NoteTopic): NodeNote | undefined {
  const text = textAt(object, 'metadata', 'annotations', nodeContract[topic].key);
  if (text === undefined) return undefined;
  try {
    return noteSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

export function agentView(object: unknown): AgentView {
  const node = textAt(object, 'metadata', 'name') ?? '';
  const endBoot = textAt(object, 'spec', 'endBoot');
  const doubt = noteOf(object, 'doubt');
  const rebooters = noteOf(object, 'rebooters');
  const base = {
    node,
    ...(endBoot === undefined ? {} : { endBoot }),
    ...(doubt === undefined ? {} : { doubt }),
    ...(rebooters === undefined ? {} : { rebooters }),
  };
  const status = field(object, 'status');
  if (status === undefined) return base;
  const parsed = reportSchema.safeParse(status);
  return parsed.success
    ? { ...base, report: parsed.data }
    : { ...base, unreadable: problemOf('status', parsed.error) };
}
