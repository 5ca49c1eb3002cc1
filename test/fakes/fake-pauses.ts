import { type Pause, scopeKey } from '../../src/reboot/scheduling/pauses.ts';
import type { Pauses } from '../../src/reboot/ports/stores.ts';

export function fakePauses(): Pauses {
  const stored = new Map<string, Pause>();
  return {
    all: () => [...stored.values()],
    read: async () => [...stored.values()],
    put: async (pause) => void stored.set(scopeKey(pause.scope), pause),
    lift: async (scope) => (stored.delete(scopeKey(scope)) ? 'lifted' : 'not-paused'),
  };
}
