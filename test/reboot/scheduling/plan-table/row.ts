/** One row of the table: given a world, the plan starts these, and says of the others why not. */
import { expect } from 'vitest';
import type { Blocker, BlockerCode } from '../../../../src/reboot/scheduling/blockers/blockers.ts';
import type { Snapshot } from '../../../../src/reboot/scheduling/snapshot/snapshot.ts';
import type { Unreadable } from '../../../../src/reboot/words/unreadable.ts';
import type { Pause } from '../../../../src/reboot/scheduling/snapshot/pauses.ts';
import { type Plan, plan } from '../../../../src/reboot/scheduling/plan/plan.ts';
import type { Policy, PoolPolicy } from '../../../../src/reboot/policy/policy.ts';
import { toTimestamp } from '../../../../src/reboot/time/time.ts';
import { aPolicy, aPool, noon } from '../../../fakes/builders.ts';
import type { Actor } from './actors.ts';

/** A blocker in full, or what matters of it here. Without `until` it must not say when it ends. */
export interface Told {
  readonly code: BlockerCode;
  readonly says?: string;
  readonly clears?: string;
  /** Milliseconds from noon. */
  readonly until?: number;
}

export interface Row {
  readonly it: string;
  /** Of the one pool, `workers`. It has room for everybody, save for what is said here. */
  readonly pool?: Partial<PoolPolicy>;
  /** Several pools instead; a node is in the one that its label `pool` names. */
  readonly pools?: Readonly<Record<string, Partial<PoolPolicy>>>;
  /** Turns of the whole cluster. */
  readonly cluster?: number;
  readonly given: readonly Actor[];
  readonly pauses?: readonly Pause[];
  /** By node: packages that are being changed, since so many milliseconds. */
  readonly changing?: Readonly<Record<string, number>>;
  /** Nodes that run Tugboot itself. */
  readonly own?: readonly string[];
  /** For how long Slack has been away. */
  readonly chatAway?: number;
  /** Why the ledger cannot be read. */
  readonly ledgerProblem?: string;
  readonly unreadable?: readonly Unreadable[];
  /** Milliseconds from noon. */
  readonly at?: number;
  /** For how long nothing has been heard. */
  readonly silent?: number;
  /** Names of nodes, in order, with spaces between. */
  readonly starts?: string;
  /**
   * By node: all its blockers, in the order in which people read them; or just their codes, with spaces
   * between.
   */
  readonly blocked?: Readonly<Record<string, string | readonly Told[]>>;
}

const roomy: Partial<PoolPolicy> = { concurrency: 99, maxUnavailable: { count: 99 } };

export function policyOf({ pool, pools, cluster = 99 }: Row): Policy {
  const given = pools
    ? Object.entries(pools).map(([name, each]) =>
        aPool({ name, selector: `pool=${name}`, ...roomy, ...each }),
      )
    : [aPool({ ...roomy, ...pool })];
  return aPolicy({ concurrency: cluster, pools: given });
}

export const snapshotOf = (
  { given, pauses = [], own = [], silent = 0, changing = {}, chatAway, ledgerProblem, unreadable = [] }: Row,
  now: number,
): Snapshot => ({
  unreadable,
  ...(ledgerProblem === undefined ? {} : { ledgerProblem }),
  nodes: [...new Map(given.flatMap(({ node }) => (node ? [[node.name, node]] : []))).values()],
  reboots: given.flatMap(({ reboot }) => reboot ?? []),
  ledger: { turns: given.flatMap(({ turn }) => turn ?? []) },
  heardAt: now - silent,
  pauses,
  packageWork: new Map(
    Object.entries(changing).map(([name, ago]) => [
      name,
      { since: toTimestamp(now - ago), active: true, what: 'apt-get (pid 812) holds a lock' },
    ]),
  ),
  ownNodes: own,
  ...(chatAway === undefined ? {} : { chatAwaySince: now - chatAway }),
});

const planAt = (row: Row, now: number): Plan => plan(snapshotOf(row, now), policyOf(row), now);

export function check(row: Row): void {
  const now = noon + (row.at ?? 0);
  const { starts, blocked } = planAt(row, now);
  const nodes = new Map(row.given.flatMap(({ reboot }) => (reboot ? [[reboot.name, reboot.node.name]] : [])));
  expect({
    starts: starts.map((name) => nodes.get(name)).join(' '),
    blocked: Object.fromEntries(
      [...blocked].map(([name, blockers]) => {
        const node = nodes.get(name) ?? name;
        const said = row.blocked?.[node];
        return [
          node,
          typeof said === 'object' ? blockers.map((each, nth) => inFull(each, said[nth])) : codesOf(blockers),
        ];
      }),
    ),
  }).toEqual({ starts: row.starts ?? '', blocked: row.blocked ?? {} });
  for (const [name, blockers] of blocked) for (const blocker of blockers) holdsUntil(row, name, blocker);
}

const codesOf = (blockers: readonly Blocker[]): string => blockers.map(({ code }) => code).join(' ');

/** As much of a blocker as the row says of it; when it ends it always says. */
const inFull = ({ code, sentence, clears, until }: Blocker, told: Told | undefined): Told => ({
  code,
  ...(told?.says === undefined ? {} : { says: sentence }),
  ...(told?.clears === undefined ? {} : { clears }),
  ...(until === undefined ? {} : { until: until - noon }),
});

/**
 * What ends by itself keeps the node from its start, under this name or another, until that very moment, and
 * is not said any more from then on.
 */
export function holdsUntil(row: Row, name: string, { code, until }: Blocker): void {
  if (until === undefined) return;
  const told = (now: number): readonly Blocker[] => planAt(row, now).blocked.get(name) ?? [];
  const before = told(until - 1).filter((each) => each.until === until);
  const then = told(until).filter((each) => each.code === code && each.until === until);
  expect([code, before.length > 0, then.length]).toEqual([code, true, 0]);
}

/** The codes that a row tells of in full: their sentence, and what clears them. */
export const codesIn = ({ blocked = {} }: Row): readonly string[] =>
  Object.values(blocked)
    .flatMap((told) => (typeof told === 'string' ? [] : told))
    .flatMap(({ code, says, clears }) => (says === undefined || clears === undefined ? [] : [code]));
