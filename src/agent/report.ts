import type { NodeReport, OrderReceipt } from '../reboot/nodes/node-report.ts';
import { record } from './api/node-agent.ts';

/** The names of the fields that may be absent. */
type Optional<T> = { [Key in keyof T]-?: undefined extends T[Key] ? Key : never }[keyof T];
type Absent<T> = Readonly<Record<Optional<T>, null>>;

const noField: Absent<NodeReport> = {
  reason: null,
  requiredSince: null,
  bootedAt: null,
  signals: null,
  asking: null,
  packageWork: null,
  otherRebooters: null,
  order: null,
};
const noKernelField: Absent<NodeReport['kernel']> = { newest: null };
const noReceiptField: Absent<OrderReceipt> = { message: null, generation: null };

/** A merge patch keeps fields that it does not name (RFC 7396), so that absent fields are set to null. */
export const toStatusPatch = (report: NodeReport): unknown => ({
  ...noField,
  ...report,
  kernel: { ...noKernelField, ...report.kernel },
  ...(report.order === undefined ? {} : { order: { ...noReceiptField, ...report.order } }),
});

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
