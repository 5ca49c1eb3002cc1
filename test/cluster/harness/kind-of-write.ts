import { field, textAt } from '../../../src/k8s/api/json-value.ts';
import type { Write } from './http-proxy.ts';

/** The purpose of a write by the bot, for tests that interfere with each kind. */
export type WriteKind =
  | 'agent made'
  | 'condition'
  | 'reboot made'
  | `reboot ${string}`
  | 'ledger made'
  | 'ledger'
  | 'cordon'
  | 'uncordon'
  | 'eviction'
  | 'order'
  | 'withdrawal'
  | 'event'
  | 'other';

function operations(body: string): readonly unknown[] {
  const patch: unknown = JSON.parse(body);
  return Array.isArray(patch) ? patch : [];
}

const touches = (body: string, op: string, path: string, value?: unknown): boolean =>
  operations(body).some(
    (operation) =>
      textAt(operation, 'op') === op &&
      textAt(operation, 'path') === path &&
      (value === undefined || field(operation, 'value') === value),
  );

function nodePatch(body: string): WriteKind {
  if (touches(body, 'add', '/spec/unschedulable', true)) return 'cordon';
  return touches(body, 'replace', '/spec/unschedulable', false) ? 'uncordon' : 'other';
}

function agentPatch(body: string): WriteKind {
  // The spec is written as a whole: an empty one withdraws the order.
  const spec = operations(body).find(
    (each) => textAt(each, 'op') === 'add' && textAt(each, 'path') === '/spec',
  );
  if (spec === undefined) return 'other';
  return textAt(spec, 'value', 'endBoot') === undefined ? 'withdrawal' : 'order';
}

export function kindOfWrite({ method, path, body }: Write): WriteKind {
  if (/\/reboots\/[^/]+\/status$/.test(path))
    return `reboot ${textAt(JSON.parse(body), 'status', 'phase') ?? ''}`;
  if (path.endsWith('/reboots')) return 'reboot made';
  if (path.endsWith('/configmaps')) return 'ledger made';
  if (path.includes('/configmaps/')) return 'ledger';
  if (/\/nodes\/[^/]+\/status$/.test(path)) return 'condition';
  if (/\/nodes\/[^/]+$/.test(path)) return nodePatch(body);
  if (path.endsWith('/nodeagents')) return 'agent made';
  if (/\/nodeagents\/[^/]+$/.test(path)) return agentPatch(body);
  if (path.endsWith('/eviction')) return 'eviction';
  return path.endsWith('/events') && method === 'POST' ? 'event' : 'other';
}
