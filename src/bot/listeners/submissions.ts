/** Submissions of the modals. */
import { decodeOrigin, inputIds, type ButtonValue } from '../payload/action-ids.ts';
import { handledDigestViews, readDigestSubmission } from './digest-submissions.ts';
import type { InteractionHandler, RequestFor, Actor } from './interaction-handler.ts';
import { givenIn, plainOne, unmetIn } from './given-input.ts';
import { snoozing } from './snooze-input.ts';
import { inputOf, type Errors, type Submission, type SubmissionPayload } from './payloads.ts';

type Checked =
  | { readonly ok: true; readonly request: RequestFor }
  | { readonly ok: false; readonly errors: Errors };

const checks: Readonly<
  Record<
    'tugboot.view.decide' | 'tugboot.view.deny' | 'tugboot.view.force' | 'tugboot.view.snooze',
    (payload: SubmissionPayload, context: SubmissionContext) => Checked
  >
> = {
  'tugboot.view.decide': (payload, context) => decided(payload, context),
  'tugboot.view.deny': (payload) => withReason(payload, (reason) => ({ kind: 'deny', reason })),
  'tugboot.view.force': (payload) => withReason(payload, (reason) => ({ kind: 'force', reason })),
  'tugboot.view.snooze': (payload, context) => snooze(payload, context),
};

export const handledViews = [...Object.keys(checks), ...handledDigestViews];

interface SubmissionContext {
  readonly handler: InteractionHandler;
  readonly value: ButtonValue;
  readonly now: number;
}

/** Validates the inputs without any call, since the ack decides whether the modal closes. */
export function readSubmission(handler: InteractionHandler, payload: SubmissionPayload): Submission {
  const ofDigest = readDigestSubmission(handler, payload);
  if (ofDigest !== undefined) return ofDigest;
  const decoded = decodeOrigin(payload.view.private_metadata);
  const check = isChecked(payload.view.callback_id) ? checks[payload.view.callback_id] : undefined;
  if (!decoded.ok || check === undefined) {
    handler.logger.warn('modal cannot be read', { view: payload.view.callback_id });
    return refused(payload, outOfDate);
  }
  const { value, origin } = decoded.value;
  const checked = check(payload, { handler, value, now: handler.clock.now() });
  if (!checked.ok) return checked;
  const actor: Actor = { userId: payload.user.id, teamId: payload.user.team_id, origin };
  return { ok: true, execute: () => handler.submit(value, actor, checked.request) };
}

const outOfDate = 'This dialog is out of date. Close it and use the buttons of the current card.';

const isChecked = (id: string): id is keyof typeof checks => Object.hasOwn(checks, id);

/** Slack shows errors only at blocks of the modal. */
function refused({ view }: SubmissionPayload, sentence: string): Extract<Checked, { ok: false }> {
  const block = Object.keys(view.state.values)[0] ?? inputIds.reason;
  return { ok: false, errors: { [block]: sentence } };
}

function withReason(payload: SubmissionPayload, make: (reason: string) => ReturnType<RequestFor>): Checked {
  const reason = inputOf(payload, inputIds.reason);
  if (reason === undefined) return { ok: false, errors: { [inputIds.reason]: 'Say why: others will ask.' } };
  return { ok: true, request: () => make(reason) };
}

function snooze(payload: SubmissionPayload, { handler, value, now }: SubmissionContext): Checked {
  const errors = unmetIn(handler, { ...value, pool: value.pool, kind: 'snooze' }, givenIn(payload));
  if (errors) return { ok: false, errors };
  const choice = inputOf(payload, inputIds.until) ?? '';
  return snoozing(payload, { choice, input: inputIds.until, now, opens: value.opens });
}

function decided(payload: SubmissionPayload, { handler, value }: SubmissionContext): Checked {
  const { decision } = value;
  if (decision === undefined) return refused(payload, outOfDate);
  const given = givenIn(payload);
  const request = plainOne(decision, value.seen, given);
  const errors = unmetIn(handler, { ...value, pool: value.pool, kind: request.kind }, given);
  return errors ? { ok: false, errors } : { ok: true, request: () => request };
}
