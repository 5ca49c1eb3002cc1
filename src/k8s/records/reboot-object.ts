import type { z } from 'zod';
import type { Reboot } from '../../reboot/state/reboot.ts';
import { rebootState, type RebootState } from '../../reboot/state/states.ts';
import type { Unreadable } from '../../reboot/words/unreadable.ts';
import { decidedBy, remover } from '../../reboot/words/words.ts';
import { field, textAt } from '../api/json-value.ts';
import { isSame, mergePatchOf } from '../api/merge-patch.ts';
import { ownApiVersion } from '../api/paths.ts';
import { conditionsOf } from './conditions.ts';
import { earlierSchema, forEarlier, fromEarlier } from './earlier-states.ts';
import { flatState, stateFields } from './flat-state.ts';
import { problemOf } from '../../reboot/schema/problem.ts';
import { summaryOf } from './reboot-summary.ts';
import { commonSchema, derivedSchema, metadataSchema, specSchema } from './reboot-schema.ts';
import { cutter } from './text-bounds.ts';

/**
 * `current`: the stored status is what this version writes for the Reboot. It is not for a record of another
 * version, and not before the status was first written.
 */
export type ReadReboot =
  | { readonly ok: true; readonly reboot: Reboot; readonly current: boolean }
  | (Unreadable & { readonly ok: false });

const cutState = cutter(rebootState);
const cutStatus = cutter(commonSchema, derivedSchema, earlierSchema);
const cutSpec = cutter(specSchema);

/** For `kubectl get reboots`: the packages that require the reboot, on one short line. */
function wantsOf(need: Reboot['need']): string {
  const [first, ...more] = need.packages;
  const others = more.length + need.packagesLeftOut;
  if (!first) return 'no package named';
  return others === 0 ? first.name : `${first.name} +${others}`;
}

/** For `kubectl get reboots`: the signals that require it. */
const askedByOf = ({ askedBy = [] }: Reboot['need']): string => askedBy.map(({ name }) => name).join(', ');

type Writable = Omit<Reboot, 'version' | 'createdAt'>;

/** What follows from state, clean-up and history. Other versions may store it in another shape. */
function shapedStatus({ pool, state, need, cleanup, history }: Writable): object {
  const by = decidedBy(state);
  const summary = summaryOf(state);
  const owed = cleanup === undefined ? {} : { cleanup };
  return {
    ...flatState(cutState(state)),
    ...forEarlier(state.phase, cleanup),
    summary,
    wants: wantsOf(need),
    ...(need.askedBy === undefined ? {} : { askedBy: askedByOf(need) }),
    ...(by === undefined ? {} : { decidedBy: by }),
    pool,
    ...owed,
    history,
    conditions: conditionsOf({ state, history, need, ...owed }, summary),
  };
}

export function storedStatusOf(reboot: Writable): unknown {
  const { need, facts, impact, workloads, daemonsBefore, chat } = reboot;
  return cutStatus({
    ...shapedStatus(reboot),
    need,
    facts,
    ...(impact === undefined ? {} : { impact }),
    ...(workloads === undefined ? {} : { workloads }),
    ...(daemonsBefore === undefined ? {} : { daemonsBefore }),
    chat,
  });
}

/** Stored as they are, in every version. */
const sameEverywhere: ReadonlySet<string> = new Set([
  'need',
  'facts',
  'impact',
  'workloads',
  'daemonsBefore',
  'chat',
]);

/** Without the facts: to compare a list of 200 packages would take most of the time of a read. */
function isCurrent(status: unknown, reboot: Writable): boolean {
  if (typeof status !== 'object' || status === null) return false;
  const shaped = Object.entries(status).filter(([key]) => !sameEverywhere.has(key));
  return isSame(Object.fromEntries(shaped), cutStatus(shapedStatus(reboot)));
}

/**
 * `deleted` marks a Reboot that is created again after somebody deleted it: without it, the object would read
 * as Pending until its status is written.
 */
export function newRebootObject(reboot: Writable): unknown {
  const { name, need, facts, state } = reboot;
  const asked = { need, facts, ...(state.phase === 'Pending' ? {} : { deleted: true }) };
  return {
    apiVersion: ownApiVersion,
    kind: 'Reboot',
    metadata: { name },
    spec: cutSpec({ ...identityOf(reboot), asked }),
  };
}

/**
 * The merge patch of the status subresource: the changes since `before`, the status stored in `version`. A
 * list of 200 packages is most of a Reboot, and most steps do not change it. The API server refuses a merge
 * patch that names another version (409).
 */
export function savedRebootPatch(reboot: Writable, version: string, before: unknown): unknown {
  const changes = mergePatchOf(before, storedStatusOf(reboot));
  // Always written, for readers of the audit log.
  return {
    metadata: { resourceVersion: version },
    status: { ...(changes as object | undefined), phase: reboot.state.phase },
  };
}

const identityOf = (reboot: Writable) => ({
  node: reboot.node.name,
  nodeUID: reboot.node.uid,
  bootID: reboot.bootId,
  pool: reboot.pool,
});

type Common = z.infer<typeof commonSchema> & { readonly state: RebootState };

/** The stored status; without one, after a crash between the two writes of a creation, the initial status. */
function readStatus(
  object: unknown,
  spec: z.infer<typeof specSchema>,
  created: string,
): Common | { readonly problem: string } {
  const status = field(object, 'status');
  if (status === undefined) {
    if (!spec.asked) return { problem: 'status: is missing, and spec.asked too' };
    const { deleted, ...asked } = spec.asked;
    const initial = { ...asked, chat: { replies: {} }, history: [] };
    if (deleted !== true) return { ...initial, state: { phase: 'Pending', since: created, approvals: [] } };
    const state = { phase: 'Cancelled', since: created, by: remover, from: 'Draining' } as const;
    return { ...initial, state, cleanup: { since: created } };
  }
  const { cleanup, ...fields } = fromEarlier(stateFields(status));
  const { cleanup: _stored, ...rest } = status as Readonly<Record<string, unknown>>;
  const common = commonSchema.safeParse({ ...rest, ...(cleanup === undefined ? {} : { cleanup }) });
  if (!common.success) return { problem: problemOf('status', common.error) };
  const state = rebootState.safeParse(fields);
  if (!state.success) return { problem: problemOf('status', state.error) };
  return { ...common.data, state: state.data };
}

/** The fields that are still readable, for the messages about an unreadable Reboot. */
function unreadable(object: unknown, problem: string): ReadReboot {
  const at = (...path: readonly string[]): string => textAt(object, ...path) ?? '';
  return {
    ok: false,
    name: at('metadata', 'name'),
    problem,
    node: { name: at('spec', 'node'), uid: at('spec', 'nodeUID') },
    bootId: at('spec', 'bootID'),
    pool: at('spec', 'pool'),
    phase: at('status', 'phase'),
  };
}

export function readReboot(object: unknown): ReadReboot {
  const metadata = metadataSchema.safeParse(field(object, 'metadata'));
  if (!metadata.success) return unreadable(object, problemOf('metadata', metadata.error));
  const spec = specSchema.safeParse(field(object, 'spec'));
  if (!spec.success) return unreadable(object, problemOf('spec', spec.error));
  const { name, uid, creationTimestamp, resourceVersion } = metadata.data;
  const status = readStatus(object, spec.data, creationTimestamp);
  if ('problem' in status) return unreadable(object, status.problem);
  const { node, nodeUID, bootID, pool } = spec.data;
  const reboot: Reboot = {
    name,
    uid,
    node: { name: node, uid: nodeUID },
    bootId: bootID,
    pool,
    createdAt: creationTimestamp,
    version: resourceVersion,
    ...status,
  };
  return { ok: true, reboot, current: isCurrent(field(object, 'status'), reboot) };
}
