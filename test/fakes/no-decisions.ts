import type { Decisions } from '../../src/reboot/ports/decisions/decisions.ts';

const nothing = async () => ({ ok: false, sentence: 'There is no cluster here.' }) as const;

/** Decisions that are all refused: a test replaces the one that it is about. */
export const noDecisions: Decisions = {
  decide: async () => ({
    ok: false,
    rejection: { code: 'unknown-reboot', sentence: 'There is no cluster here.' },
  }),
  decideAll: async () => ({
    ok: false,
    rejection: { code: 'unknown-digest', sentence: 'There is no cluster here.' },
  }),
  propose: nothing,
  decideList: async () => ({
    ok: false,
    rejection: { code: 'unknown-digest', sentence: 'There is no cluster here.' },
  }),
  digestMembers: nothing,
  home: async () => ({
    status: { cluster: 'none', nodes: 0, quiet: 0, rows: [], pauses: [], heardAt: 0, now: 0 },
    waiting: 0,
    digests: [],
    asks: [],
    failed: [],
    others: [],
    ended: [],
    windows: [],
  }),
  status: nothing,
  details: async () => undefined,
  pause: nothing,
  resume: nothing,
  request: nothing,
  why: nothing,
  preview: nothing,
  windows: nothing,
  demands: (name) => ({ name, reasonFor: [] }),
};
