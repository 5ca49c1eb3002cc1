/** What a pool demands with a decision of a person: a change ticket, a reason. Pure. */
import type { PoolPolicy } from '../policy/policy.ts';
import { isTicket, longestTicket } from '../policy/pool-demands.ts';
import { isBlank } from '../words/text.ts';
import type { RebootDecision, Rejection } from './decision-request.ts';

export type Demands = Pick<PoolPolicy, 'name' | 'changeTicket' | 'reasonFor'>;

/** What a person gave with a decision. */
export interface Given {
  readonly changeTicket?: string;
  readonly reason?: string;
}

export const demandsTicket = ({ changeTicket }: Demands, kind: RebootDecision['kind']): boolean =>
  kind === 'approve' && changeTicket !== undefined;

export const demandsReason = ({ reasonFor }: Demands, kind: RebootDecision['kind']): boolean =>
  (reasonFor as readonly string[]).includes(kind);

/** Whether the pool demands an input with a decision that otherwise takes one click. */
export const demandsInput = (demands: Demands, kind: RebootDecision['kind']): boolean =>
  demandsTicket(demands, kind) || demandsReason(demands, kind);

export interface UnmetDemand extends Rejection {
  readonly input: keyof Given;
}

/** For what is shown: absent where nothing is demanded. */
export const demandsIn = (pool: Demands): { readonly demands?: Demands } =>
  pool.changeTicket === undefined && pool.reasonFor.length === 0 ? {} : { demands: demandsOf(pool) };

export const demandsOf = ({ name, changeTicket, reasonFor }: Demands): Demands => ({
  name,
  reasonFor,
  ...(changeTicket === undefined ? {} : { changeTicket }),
});

/** The first demand that is not met. */
export function unmetDemand(
  demands: Demands,
  kind: RebootDecision['kind'],
  { changeTicket = '', reason = '' }: Given,
): UnmetDemand | undefined {
  if (demandsTicket(demands, kind)) {
    const sentence = ticketProblem(demands, changeTicket);
    if (sentence !== undefined) return { input: 'changeTicket', code: 'ticket-missing', sentence };
  }
  if (!demandsReason(demands, kind) || !isBlank(reason)) return undefined;
  const sentence = `Pool ${demands.name} wants to know why: give a reason. Nothing was decided.`;
  return { input: 'reason', code: 'reason-missing', sentence };
}

function ticketProblem({ name, changeTicket }: Demands, given: string): string | undefined {
  if (changeTicket === undefined || isTicket(changeTicket, given)) return undefined;
  const { example } = changeTicket;
  return isBlank(given)
    ? `Pool ${name} takes an approval only with a change ticket, such as ${example}. Nothing was approved.`
    : `"${given.slice(0, longestTicket)}" is no change ticket of pool ${name}: they look like ${example}. Nothing was approved.`;
}
