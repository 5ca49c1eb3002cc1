import type {
  LedgerState,
  TakeResult,
  Turn,
  TurnLimits,
} from '../../../src/reboot/scheduling/snapshot/ledger.ts';
import type { Ledger } from '../../../src/reboot/ports/stores.ts';
import type { LedgerEvent } from '../../../src/reboot/ports/refused-config.ts';

export interface FakeLedger extends Ledger {
  /** The stored state, without a call. */
  now(): LedgerState;
  readonly events: LedgerEvent[];
}

/** The limits written once more, so that tests on this ledger do not judge the real rule by itself. */
function refusalOf(turns: readonly Turn[], turn: Turn, limits: TurnLimits): TakeResult | undefined {
  const { room } = limits;
  const ofPool = turns.filter(({ pool, node }) => pool === turn.pool || room?.members.includes(node));
  const zones = [...new Set(ofPool.map(({ zone }) => zone))];
  const otherZone = zones.length >= (limits.zones ?? Infinity) && !zones.includes(turn.zone);
  const held = ofPool.map(({ node }) => node).filter((node) => room?.members.includes(node));
  const outside = new Set([...(room?.out ?? []), ...held].filter((node) => node !== turn.node));
  const ofNode = turns.filter(({ node }) => node === turn.node);
  const ofControlPlane = turns.filter(({ controlPlane }) => controlPlane);
  const no = (why: Extract<TakeResult, { taken: false }>['why'], holders: readonly Turn[]): TakeResult => ({
    taken: false,
    why,
    holders,
  });
  if (ofNode.length > 0) return no('pool', ofNode);
  if (turn.controlPlane && ofControlPlane.length > 0) return no('control-plane', ofControlPlane);
  if (ofPool.length >= limits.pool) return no('pool', ofPool);
  if (otherZone) return no('zone', ofPool);
  if (turns.length >= limits.cluster) return no('cluster', turns);
  return outside.size >= (room?.mostOut ?? Infinity) ? no('too-many-out', ofPool) : undefined;
}

export function fakeLedger(start: LedgerState = { turns: [] }): FakeLedger {
  let state = start;
  const events: LedgerEvent[] = [];
  const holds = (reboot: string): boolean => state.turns.some((turn) => turn.reboot === reboot);
  return {
    now: () => state,
    events,
    record: async (event) => {
      if (!events.some(({ key }) => key === event.key)) events.push(event);
    },
    read: async () => state,
    latest: async () => state,
    take: async (turn, limits) => {
      if (holds(turn.reboot)) return { taken: true };
      const refused = refusalOf(state.turns, turn, limits);
      if (refused) return refused;
      state = { turns: [...state.turns, structuredClone(turn)] };
      return { taken: true };
    },
    release: async (reboot, still) => {
      for (;;) {
        const before = state;
        if (!holds(reboot)) return 'not-held';
        if (still && !(await still())) return 'not-owed';
        if (state !== before) continue;
        state = { turns: state.turns.filter((turn) => turn.reboot !== reboot) };
        return 'released';
      }
    },
  };
}
