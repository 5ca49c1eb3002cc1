// What the benches count of requests and of Reboots, whatever API serves them.
import { listAt, textAt } from '../../../src/k8s/api/json-value.ts';
import type { Decided } from './protocol.ts';

interface Call {
  readonly verb: string;
  readonly path: string;
  readonly query: string;
}

/** Without names of objects and namespaces. */
const generic = (path: string): string =>
  path
    .replace(/\/namespaces\/[^/]+\//, '/')
    .replace(/^\/(api|apis)(\/[a-z0-9.]+)?\/v[a-z0-9]+\//, '')
    .replace(/^([a-z]+)\/[^/]+/, '$1/NAME');

/** How many there are of each verb and kind. */
export function byKind(calls: readonly Call[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { verb, path, query } of calls) {
    const kind = `${verb} ${generic(path)}${query.includes('dryRun') ? ' (dry run)' : ''}`;
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}

/** What the benches want to know of a Reboot. */
export interface Progress {
  readonly phase: string;
  readonly blocked: boolean;
  readonly card: boolean;
}

export const progressOf = (reboot: unknown): Progress => ({
  phase: textAt(reboot, 'status', 'phase') ?? '',
  blocked: listAt(reboot, 'status', 'blockers').length > 0,
  card: (textAt(reboot, 'status', 'chat', 'card', 'ts') ?? '') !== '',
});

export function decidedOf(reboots: readonly Progress[]): Decided {
  const decided = reboots.filter(({ phase }) => !['', 'Pending', 'Snoozed'].includes(phase));
  return {
    reboots: reboots.length,
    decided: decided.length,
    settled: decided.filter(({ phase, blocked }) => phase !== 'Approved' || blocked).length,
  };
}
