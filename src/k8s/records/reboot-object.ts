import type { z } from 'zod';
import type { Reboot, RebootState } from '../../reboot/reboot.ts';
import { decidedBy } from '../../reboot/words.ts';
import { field, textAt } from '../api/json-value.ts';
import { mergePatchOf } from '../api/merge-patch.ts';
import { ownApiVersion } from '../api/paths.ts';
import { fromEarlier } from './earlier-states.ts';
import { problemOf } from './problem.ts';
import { summaryOf } from './reboot-summary.ts';
import { commonSchema, metadataSchema, specSchema } from './reboot-schema.ts';
import { stateSchema } from './state-schema.ts';

export type ReadReboot =
  | { readonly ok: true; readonly reboot: Reboot }
  /** `problem` names the field, for a person who mends it with kubectl. */
  | { readonly ok: false; readonly name: string; readonly problem: string };

/** Longer than any sentence of ours, and what the schema of the custom resource allows: a status that is refused for a long text would stop its Reboot. */
export const longestText = 4000;

/** Strings cut to what the schema allows. */
function bounded(value: unknown): unknown {
  if (typeof value === 'string')
    return value.length > longestText ? `${value.slice(0, longestText - 1)}…` : value;
  if (Array.isArray(value)) return value.map((item) => bounded(item));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, bounded(item)]));
}

/** `from` is a whole state in one phase and a phase's name in others; a structural schema wants one type for one field. */
function flatState(state: RebootState): Readonly<Record<string, unknown>> {
  if (state.phase === 'Failed') {
    const { from, ...rest } = state;
    return { ...rest, failedFrom: from };
  }
  if (state.phase === 'Cancelled' || state.phase === 'Superseded') {
    const { from, ...rest } = state;
    return { ...rest, endedFrom: from };
  }
  return { ...state };
}

function stateOf(status: unknown): unknown {
  const from = field(status, 'failedFrom') ?? field(status, 'endedFrom');
  return fromEarlier({ ...(status as object), ...(from === undefined ? {} : { from }) });
}

/** For `kubectl get reboots`: what asked for the reboot, on one short line. */
function wantsOf(need: Reboot['need']): string {
  const [first, ...more] = need.packages;
  const others = more.length + need.packagesLeftOut;
  if (!first) return 'no package named';
  return others === 0 ? first.name : `${first.name} +${others}`;
}

/** The same for the signals that ask. */
const askedByOf = ({ askedBy = [] }: Reboot['need']): string => askedBy.map(({ name }) => name).join(', ');

type Writable = Omit<Reboot, 'version' | 'createdAt'>;

export function statusOf({
  pool,
  state,
  need,
  facts,
  impact,
  workloads,
  daemonsBefore,
  chat,
  history,
}: Writable): unknown {
  const by = decidedBy(state);
  return bounded({
    ...flatState(state),
    summary: summaryOf(state),
    wants: wantsOf(need),
    ...(need.askedBy === undefined ? {} : { askedBy: askedByOf(need) }),
    ...(by === undefined ? {} : { decidedBy: by }),
    pool,
    need,
    facts,
    ...(impact === undefined ? {} : { impact }),
    ...(workloads === undefined ? {} : { workloads }),
    ...(daemonsBefore === undefined ? {} : { daemonsBefore }),
    chat,
    history,
  });
}

export const newRebootObject = (reboot: Writable): unknown => ({
  apiVersion: ownApiVersion,
  kind: 'Reboot',
  metadata: { name: reboot.name },
  spec: { ...identityOf(reboot), asked: bounded({ need: reboot.need, facts: reboot.facts }) },
});

/**
 * For the status subresource: what has changed since `before`, which is what is stored in `version`. A list of 200 packages is most of a Reboot, and
 * none of a step's business. A merge patch that names a version is refused at any other (409).
 */
export function savedRebootPatch(reboot: Writable, version: string, before: unknown): unknown {
  const changes = mergePatchOf(before, statusOf(reboot));
  // The phase is in every write, for those who read an audit log.
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

/** The status as stored, or, when a crash came between the two writes of a creation, as it would have been. */
function readStatus(
  object: unknown,
  spec: z.infer<typeof specSchema>,
  created: string,
): Common | { readonly problem: string } {
  const status = field(object, 'status');
  if (status === undefined) {
    if (!spec.asked) return { problem: 'status: is missing, and spec.asked too' };
    const state: RebootState = { phase: 'Pending', since: created, approvals: [] };
    return { ...spec.asked, chat: { replies: {} }, history: [], state };
  }
  const common = commonSchema.safeParse(status);
  if (!common.success) return { problem: problemOf('status', common.error) };
  const state = stateSchema.safeParse(stateOf(status));
  if (!state.success) return { problem: problemOf('status', state.error) };
  return { ...common.data, state: state.data };
}

export function readReboot(object: unknown): ReadReboot {
  const name = textAt(object, 'metadata', 'name') ?? '';
  const metadata = metadataSchema.safeParse(field(object, 'metadata'));
  if (!metadata.success) return { ok: false, name, problem: problemOf('metadata', metadata.error) };
  const spec = specSchema.safeParse(field(object, 'spec'));
  if (!spec.success) return { ok: false, name, problem: problemOf('spec', spec.error) };
  const { uid, creationTimestamp, resourceVersion } = metadata.data;
  const status = readStatus(object, spec.data, creationTimestamp);
  if ('problem' in status) return { ok: false, name, problem: status.problem };
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
  return { ok: true, reboot };
}
