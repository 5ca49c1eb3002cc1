/** Submissions of the modals of a pool digest. */
import type { ManyRequest } from '../../reboot/pool-digest/many-request.ts';
import { filterIds, inputIds } from '../payload/action-ids.ts';
import { decodeDigestOrigin, type DigestOrigin } from '../payload/digest-values.ts';
import { all, isAll } from '../views/digest/choose-modal.ts';
import type { InteractionHandler } from './interaction-handler.ts';
import { givenIn, plainMany, unmetIn } from './given-input.ts';
import {
  decideFitting,
  decideMany,
  findMembers,
  keyOf,
  listedIn,
  type ManyRequestFor,
  type ManyTarget,
} from './many.ts';
import { snoozing } from './snooze-input.ts';
import { choicesOf, inputOf, type Errors, type Submission, type SubmissionPayload } from './payloads.ts';

type Requested =
  | { readonly ok: true; readonly request: ManyRequest | ManyRequestFor }
  | { readonly ok: false; readonly errors: Errors };

interface Read {
  readonly handler: InteractionHandler;
  readonly payload: SubmissionPayload;
  readonly about: DigestOrigin;
  readonly now: number;
}

const checks = {
  'tugboot.view.digest-deny': ({ payload }: Read) => withReason(payload, 'deny'),
  'tugboot.view.digest-force': ({ payload }: Read) => withReason(payload, 'force'),
  'tugboot.view.digest-decide': (read: Read) => decided(read),
  'tugboot.view.digest-snooze': (read: Read) => snoozed(read, inputOf(read.payload, inputIds.until) ?? ''),
  'tugboot.view.digest-choose': (read: Read) => chosen(read),
} as const satisfies Readonly<Record<string, (read: Read) => Requested>>;

export const handledDigestViews = Object.keys(checks);

const isDigestView = (id: string): id is keyof typeof checks => Object.hasOwn(checks, id);

/** Undefined if the modal is not one of a digest, or cannot be read. Without any call, as for cards. */
export function readDigestSubmission(
  handler: InteractionHandler,
  payload: SubmissionPayload,
): Submission | undefined {
  const { callback_id: id, private_metadata: metadata } = payload.view;
  const decoded = decodeDigestOrigin(metadata);
  if (!isDigestView(id) || !decoded.ok) return undefined;
  const about = decoded.value;
  const requested = checks[id]({ handler, payload, about, now: handler.clock.now() });
  if (!requested.ok) return requested;
  const actor = { userId: payload.user.id, teamId: payload.user.team_id, origin: about.origin };
  const target = { handler, value: about.value, actor };
  return {
    ok: true,
    execute: () =>
      id === 'tugboot.view.digest-choose'
        ? decideChosen(target, requested.request, { payload, about })
        : decideRequested(target, requested.request),
  };
}

const decideRequested = (target: ManyTarget, request: ManyRequestFor | ManyRequest): Promise<void> =>
  typeof request === 'function' ? decideMany(target, request) : decideFitting(target, request);

function withReason(payload: SubmissionPayload, kind: 'deny' | 'force'): Requested {
  const reason = inputOf(payload, inputIds.reason);
  if (reason === undefined) return { ok: false, errors: { [inputIds.reason]: 'Say why: others will ask.' } };
  return { ok: true, request: { kind, reason } };
}

function decided(read: Read): Requested {
  const { decision } = read.about.value;
  if (decision === undefined)
    return { ok: false, errors: { [inputIds.reason]: 'This dialog is out of date. Close it.' } };
  return demanded(read, plainMany(decision, givenIn(read.payload)));
}

/** With what the pool demands, or what is missing of it. */
function demanded({ handler, about, payload }: Read, request: ManyRequest): Requested {
  const errors = unmetIn(handler, { ...about.value, kind: request.kind }, givenIn(payload));
  return errors ? { ok: false, errors } : { ok: true, request };
}

function snoozed(read: Read, choice: string): Requested {
  const { handler, payload, about, now } = read;
  const errors = unmetIn(handler, { ...about.value, kind: 'snooze' }, givenIn(payload));
  if (errors) return { ok: false, errors };
  // Of the modal in which nodes are chosen, or of the one that only snoozes.
  const input = inputIds.until in payload.view.state.values ? inputIds.until : inputIds.decision;
  return snoozing(payload, { choice, input, now, opens: about.value.opens });
}

function chosen(read: Read): Requested {
  const { payload, about } = read;
  if ((inputOf(payload, filterIds.text) ?? '') !== (about.filter.text ?? ''))
    return { ok: false, errors: { [filterIds.text]: 'Press Enter here first, to see what matches.' } };
  if (isPicked(payload) && choicesOf(payload, inputIds.nodes).length === 0)
    return { ok: false, errors: { [inputIds.nodes]: 'Pick nodes, or choose all that match.' } };
  const decision = inputOf(payload, inputIds.decision) ?? '';
  if (decision === 'deny') return withReason(payload, 'deny');
  if (decision.startsWith('snooze-')) return snoozed(read, decision.slice('snooze-'.length));
  return approved(read, decision);
}

function approved(read: Read, decision: string): Requested {
  const { payload } = read;
  if (decision !== 'approve-now' && decision !== 'approve-window')
    return { ok: false, errors: { [inputIds.decision]: 'Choose one of these.' } };
  const most = inputOf(payload, inputIds.atMost) ?? all;
  return demanded(read, {
    ...plainMany(decision, givenIn(payload)),
    ...(/^\d{1,4}$/.test(most) ? { atMost: Number(most) } : {}),
  });
}

const isPicked = (payload: SubmissionPayload): boolean => inputOf(payload, inputIds.extent) === 'picked';

/** The nodes are looked up again: the modal carries only how they were chosen. */
async function decideChosen(
  target: ManyTarget,
  request: ManyRequest | ManyRequestFor,
  { payload, about }: Pick<Read, 'payload' | 'about'>,
): Promise<void> {
  if (!isPicked(payload) && isAll(about)) return decideMany(target, request);
  const found = await findMembers(target.handler, about.value);
  if (!found.ok) return target.handler.notifyActor(target.actor, found.sentence);
  const picks = new Set(choicesOf(payload, inputIds.nodes));
  const listed = listedIn(found, about);
  const only = listed.filter((member) => !isPicked(payload) || picks.has(keyOf(member)));
  if (only.length === 0)
    return target.handler.notifyActor(
      target.actor,
      'None of the chosen nodes asks any more. Nothing was decided.',
    );
  return decideMany(
    target,
    request,
    only.map(({ reboot }) => reboot),
  );
}
