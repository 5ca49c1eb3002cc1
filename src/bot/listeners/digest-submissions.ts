/** Submissions of the modals of a pool digest. */
import type { ManyRequest } from '../../reboot/pool-digest/many-request.ts';
import { filterIds, inputIds } from '../payload/action-ids.ts';
import { decodeDigestOrigin, type DigestOrigin } from '../payload/digest-values.ts';
import { all, isAll } from '../views/digest/choose-modal.ts';
import type { InteractionHandler } from './interaction-handler.ts';
import { decideMany, findMembers, keyOf, listedIn, type ManyRequestFor, type ManyTarget } from './many.ts';
import { snoozing } from './snooze-input.ts';
import { choicesOf, inputOf, type Errors, type Submission, type SubmissionPayload } from './payloads.ts';

type Requested =
  | { readonly ok: true; readonly request: ManyRequestFor }
  | { readonly ok: false; readonly errors: Errors };

interface Read {
  readonly payload: SubmissionPayload;
  readonly about: DigestOrigin;
  readonly now: number;
}

const checks = {
  'tugboot.view.digest-deny': ({ payload }: Read) => denied(payload),
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
  const requested = checks[id]({ payload, about, now: handler.clock.now() });
  if (!requested.ok) return requested;
  const actor = { userId: payload.user.id, teamId: payload.user.team_id, origin: about.origin };
  const target = { handler, value: about.value, actor };
  return {
    ok: true,
    execute: () =>
      id === 'tugboot.view.digest-choose'
        ? decideChosen(target, requested.request, { payload, about })
        : decideMany(target, requested.request),
  };
}

function denied(payload: SubmissionPayload): Requested {
  const reason = inputOf(payload, inputIds.reason);
  if (reason === undefined) return { ok: false, errors: { [inputIds.reason]: 'Say why: others will ask.' } };
  return { ok: true, request: () => ({ kind: 'deny', reason }) };
}

function snoozed({ payload, about, now }: Read, choice: string): Requested {
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
  if (decision === 'deny') return denied(payload);
  if (decision.startsWith('snooze-')) return snoozed(read, decision.slice('snooze-'.length));
  return approved(payload, decision);
}

const modes = { 'approve-now': 'now', 'approve-window': 'window' } as const;

function approved(payload: SubmissionPayload, decision: string): Requested {
  if (decision !== 'approve-now' && decision !== 'approve-window')
    return { ok: false, errors: { [inputIds.decision]: 'Choose one of these.' } };
  const most = inputOf(payload, inputIds.atMost) ?? all;
  const request: ManyRequest = {
    kind: 'approve',
    mode: modes[decision],
    ...(/^\d{1,4}$/.test(most) ? { atMost: Number(most) } : {}),
  };
  return { ok: true, request: () => request };
}

const isPicked = (payload: SubmissionPayload): boolean => inputOf(payload, inputIds.extent) === 'picked';

/** The nodes are looked up again: the modal carries only how they were chosen. */
async function decideChosen(
  target: ManyTarget,
  request: ManyRequestFor,
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
