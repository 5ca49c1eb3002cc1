/** The event of a decision that a person has taken. */
import type { RebootDecision } from '../../approval/decision-request.ts';
import type { Principal } from '../../state/decision.ts';
import type { DecisionEvent } from './events.ts';

export function eventOf(request: RebootDecision, by: Principal, many?: string): DecisionEvent {
  const who = { by, ...(many === undefined ? {} : { many }) };
  const why = 'reason' in request && request.reason !== undefined ? { reason: request.reason } : {};
  switch (request.kind) {
    case 'approve':
      return { type: 'approved', ...who, mode: request.mode, digest: request.digest };
    case 'snooze':
      return { type: 'snoozed', ...who, until: request.until, ...why };
    case 'deny':
      return { type: 'denied', ...who, reason: request.reason };
    case 'ask-again':
      return { type: 'asked-again', ...who };
    case 'cancel':
      return { type: 'cancelled', ...who, ...why };
    case 'retry':
      return { type: 'retried', ...who };
    case 'skip':
      return { type: 'skipped', ...who };
    case 'force':
      return { type: 'forced', ...who, reason: request.reason };
  }
}
