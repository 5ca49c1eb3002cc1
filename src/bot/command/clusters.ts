/** Which of the served clusters a subcommand concerns. */
import type { Caller } from '../../reboot/approval/person.ts';
import type { Decisions, Refused } from '../../reboot/ports/decisions.ts';
import type { Invocation } from './invocation.ts';

export const servesNone = 'This Tugboot serves no cluster.';

/** The reply of the first cluster that does not refuse; otherwise the last refusal. */
export async function firstAccepted<Reply extends { readonly ok: true }>(
  { handler }: Invocation,
  call: (decisions: Decisions) => Promise<Reply | Refused>,
): Promise<Reply | Refused> {
  let refusal: Refused = { ok: false, sentence: servesNone };
  for (const decisions of handler.clusters.values()) {
    const reply = await call(decisions);
    if (reply.ok) return reply;
    refusal = reply;
  }
  return refusal;
}

/** The same for a pause: `cluster` is no name, and with several clusters not clear. */
export async function firstWith<Reply extends { readonly ok: true }>(
  what: string,
  invocation: Invocation,
  call: (decisions: Decisions, caller: Caller) => Promise<Reply | Refused>,
): Promise<Reply | Refused> {
  const { clusters } = invocation.handler;
  const caller = await callerOf(invocation);
  if (what === 'cluster' && clusters.size > 1)
    return { ok: false, sentence: `Which cluster? Name it: ${[...clusters.keys()].join(', ')}.` };
  return firstAccepted(invocation, (decisions) => call(decisions, caller));
}

export async function callerOf({ handler, payload }: Invocation): Promise<Caller> {
  const { person } = await handler.directory.identify(payload.user_id, payload.team_id);
  return { person, channel: payload.channel_id };
}
