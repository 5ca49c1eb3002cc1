import type { Pause, PauseScope } from '../../../src/reboot/scheduling/snapshot/pauses.ts';
import type { Pauses } from '../../../src/reboot/ports/stores.ts';

const isSame = (one: PauseScope, other: PauseScope): boolean =>
  one.kind === other.kind && nameIn(one) === nameIn(other);

const nameIn = (scope: PauseScope): string =>
  scope.kind === 'pool' ? scope.pool : scope.kind === 'node' ? scope.node : '';

/** Cards show the reason, so that the real store cuts it as well. */
const cut = (pause: Pause): Pause =>
  structuredClone(pause.reason === undefined ? pause : { ...pause, reason: pause.reason.slice(0, 300) });

/** One pause for each scope; `all` is as fresh as `read`. */
export function fakePauses(): Pauses {
  let stored: readonly Pause[] = [];
  const without = (scope: PauseScope): readonly Pause[] =>
    stored.filter((pause) => !isSame(pause.scope, scope));
  return {
    all: () => stored,
    read: async () => stored,
    put: async (pause) => {
      stored = [...without(pause.scope), cut(pause)];
    },
    lift: async (scope) => {
      const left = without(scope);
      if (left.length === stored.length) return 'not-paused';
      stored = left;
      return 'lifted';
    },
  };
}
