/** Submissions of the modals. */
import { decodeOrigin, inputIds, type ButtonValue } from '../payload/action-ids.ts';
import { handledDigestViews, readDigestSubmission } from './digest-submissions.ts';
import type { InteractionHandler, RequestFor, Actor } from './interaction-handler.ts';
import { snoozing } from './snooze-input.ts';
import { inputOf, type Errors, type Submission, type SubmissionPayload } from './payloads.ts';

type Checked =
  | { readonly ok: true; readonly request: RequestFor }
  | { readonly ok: false; readonly errors: Errors };

const checks: Readonly<
  Record<
    'tugboot.view.deny' | 'tugboot.view.force' | 'tugboot.view.snooze',
    (payload: SubmissionPayload, context: SubmissionContext) => Checked
  >
> = {
  'tugboot.view.deny': (payload) => withReason(payload, (reason) => ({ kind: 'deny', reason })),
  'tugboot.view.force': (payload) => withReason(payload, (reason) => ({ kind: 'force', reason })),
  'tugboot.view.snooze': (payload, context) => snooze(payload, context),
};

export const handledViews = [...Object.keys(checks), ...handledDigestViews];

interface SubmissionContext {
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
    return refused(payload, 'This dialog is out of date. Close it and use the buttons of the current card.');
  }
  const { value, origin } = decoded.value;
  const checked = check(payload, { value, now: handler.clock.now() });
  if (!checked.ok) return checked;
  const actor: Actor = { userId: payload.user.id, teamId: payload.user.team_id, origin };
  return { ok: true, execute: () => handler.submit(value, actor, checked.request) };
}

const isChecked = (id: string): id is keyof typeof checks => Object.hasOwn(checks, id);

/** Slack shows errors only at blocks of the modal. */
function refused({ view }: SubmissionPayload, sentence: string): Submission {
  const block = Object.keys(view.state.values)[0] ?? inputIds.reason;
  return { ok: false, errors: { [block]: sentence } };
}

function withReason(payload: SubmissionPayload, make: (reason: string) => ReturnType<RequestFor>): Checked {
  const reason = inputOf(payload, inputIds.reason);
  if (reason === undefined) return { ok: false, errors: { [inputIds.reason]: 'Say why: others will ask.' } };
  return { ok: true, request: () => make(reason) };
}

function snooze(payload: SubmissionPayload, { value, now }: SubmissionContext): Checked {
  const choice = inputOf(payload, inputIds.until) ?? '';
  return snoozing(payload, { choice, input: inputIds.until, now, opens: value.opens });
}
