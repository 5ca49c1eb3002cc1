/** The event of a decision that a person has taken, and what its pool demands with it. */
import type { RebootDecision, Rejection } from '../../approval/decision-request.ts';
import { unmetDemand } from '../../approval/demands.ts';
import { isPerson, type Principal } from '../../state/decision.ts';
import { isBlank } from '../../words/text.ts';
import type { Context, DecisionEvent, RebootEvent } from './events.ts';

export function eventOf(request: RebootDecision, by: Principal, many?: string): DecisionEvent {
  const who = { by, ...(many === undefined ? {} : { many }) };
  const why = 'reason' in request && request.reason !== undefined ? { reason: request.reason } : {};
  switch (request.kind) {
    case 'approve':
      return {
        type: 'approved',
        ...who,
        mode: request.mode,
        digest: request.digest,
        ...(request.changeTicket === undefined ? {} : { changeTicket: request.changeTicket }),
        ...why,
      };
    case 'snooze':
      return { type: 'snoozed', ...who, until: request.until, ...why };
    case 'deny':
      return { type: 'denied', ...who, reason: request.reason };
    case 'ask-again':
      return { type: 'asked-again', ...who, ...why };
    case 'cancel':
      return { type: 'cancelled', ...who, ...why };
    case 'retry':
      return { type: 'retried', ...who, ...why };
    case 'skip':
      return { type: 'skipped', ...who, ...why };
    case 'force':
      return { type: 'forced', ...who, reason: request.reason };
  }
}

/** The reason of a decision, for the history. */
export const becauseOf = ({ reason }: { readonly reason?: string }): { readonly reason?: string } =>
  reason === undefined || isBlank(reason) ? {} : { reason: reason.trim() };

const kindOfEvent: Readonly<Record<DecisionEvent['type'], RebootDecision['kind']>> = {
  approved: 'approve',
  snoozed: 'snooze',
  denied: 'deny',
  'asked-again': 'ask-again',
  cancelled: 'cancel',
  retried: 'retry',
  skipped: 'skip',
  forced: 'force',
};

const isDecisionEvent = (event: RebootEvent): event is DecisionEvent =>
  Object.hasOwn(kindOfEvent, event.type);

/** What the pool demands with the decision and is not given. A rule gives no reasons, and has no ticket. */
export function demandNotMet(event: RebootEvent, { pool }: Context): Rejection | undefined {
  if (!isDecisionEvent(event)) return undefined;
  const demands = isPerson(event.by) ? pool : { ...pool, reasonFor: [] };
  const unmet = unmetDemand(demands, kindOfEvent[event.type], event);
  return unmet && { code: unmet.code, sentence: unmet.sentence };
}
