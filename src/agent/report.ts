import type { NodeReport, OrderReceipt } from '../reboot/nodes/node-report.ts';
import { record } from './api/node-agent.ts';

/** A merge patch keeps fields that it does not name (RFC 7396), so that absent fields are set to null. */
export function toStatusPatch(report: NodeReport): unknown {
  return {
    ...report,
    reason: report.reason ?? null,
    requiredSince: report.requiredSince ?? null,
    bootedAt: report.bootedAt ?? null,
    asking: report.asking ?? null,
    packageWork: report.packageWork ?? null,
    otherRebooters: report.otherRebooters ?? null,
    kernel: { ...report.kernel, newest: report.kernel.newest ?? null },
    order:
      report.order === undefined
        ? null
        : {
            ...report.order,
            message: report.order.message ?? null,
            generation: report.order.generation ?? null,
          },
  };
}

/** One text for equal content: keys are sorted, and null equals absent. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined && inner !== null);
  return `{${entries
    .sort(byKey)
    .map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`)
    .join(',')}}`;
}

const byKey = ([a]: [string, unknown], [b]: [string, unknown]): number => (a < b ? -1 : Number(a > b));

const states = ['obeying', 'refused', 'failed'] as const;

/** The receipt in a stored status: the record of what the agent did before it was restarted. */
export function storedReceipt(status: unknown): OrderReceipt | undefined {
  const { endBoot, state, at, message, generation } = record(record(status)['order']);
  const known = states.find((name) => name === state);
  if (typeof endBoot !== 'string' || typeof at !== 'string' || known === undefined) return undefined;
  return {
    endBoot,
    state: known,
    at,
    ...(typeof message === 'string' ? { message } : {}),
    ...(typeof generation === 'number' ? { generation } : {}),
  };
}
