import { z } from 'zod';
import { reportLimits, type NodeReport } from '../../reboot/node-report.ts';
import type { AgentView } from '../../reboot/ports.ts';
import { field, textAt } from '../api/json-value.ts';
import { timestamp } from '../records/timestamp.ts';
import { problemOf } from '../records/problem.ts';

const { packages, nameLength, versionLength, reasonLength } = reportLimits;

/** An agent of a later version may say more; what is known is read, the rest is left. */
const reportSchema: z.ZodType<NodeReport> = z.object({
  required: z.enum(['yes', 'no', 'unknown']),
  reason: z.string().max(reasonLength).exactOptional(),
  requiredSince: timestamp.exactOptional(),
  packages: z
    .array(
      z.object({ name: z.string().max(nameLength), version: z.string().max(versionLength).exactOptional() }),
    )
    .max(packages),
  packagesLeftOut: z.int().min(0),
  kernel: z.object({
    running: z.string().max(versionLength),
    newest: z.string().max(versionLength).exactOptional(),
  }),
  bootId: z.string().max(64),
  agent: z.string().max(64),
  order: z
    .object({
      endBoot: z.string().max(64),
      state: z.enum(['obeying', 'refused', 'failed']),
      at: timestamp,
      message: z.string().max(reasonLength).exactOptional(),
      generation: z.int().min(0).exactOptional(),
    })
    .exactOptional(),
});

export function agentView(object: unknown): AgentView {
  const node = textAt(object, 'metadata', 'name') ?? '';
  const endBoot = textAt(object, 'spec', 'endBoot');
  const base = { node, ...(endBoot === undefined ? {} : { endBoot }) };
  const status = field(object, 'status');
  if (status === undefined) return base;
  const parsed = reportSchema.safeParse(status);
  return parsed.success
    ? { ...base, report: parsed.data }
    : { ...base, unreadable: problemOf('status', parsed.error) };
}
