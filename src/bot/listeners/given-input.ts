/** The change ticket and the reason of a decision, as entered in a modal, and what its pool demands. */
import type { RebootDecision } from '../../reboot/approval/decision-request.ts';
import { type Given, unmetDemand } from '../../reboot/approval/demands.ts';
import { type ManyRequest, requestForOne } from '../../reboot/pool-digest/many-request.ts';
import { inputIds, type PlainDecision } from '../payload/action-ids.ts';
import type { InteractionHandler } from './interaction-handler.ts';
import { type Errors, inputOf, type SubmissionPayload } from './payloads.ts';

export function givenIn(payload: SubmissionPayload): Given {
  const changeTicket = inputOf(payload, inputIds.changeTicket);
  const reason = inputOf(payload, inputIds.reason);
  return {
    ...(changeTicket === undefined ? {} : { changeTicket }),
    ...(reason === undefined ? {} : { reason }),
  };
}

interface Asked {
  readonly cluster: string;
  readonly pool: string | undefined;
  readonly kind: RebootDecision['kind'];
}

/** What is missing, at its input. The core checks it again: the configuration may change meanwhile. */
export function unmetIn(
  { clusters }: Pick<InteractionHandler, 'clusters'>,
  { cluster, pool, kind }: Asked,
  given: Given,
): Errors | undefined {
  const demands = pool === undefined ? undefined : clusters.get(cluster)?.demands(pool);
  const unmet = demands && unmetDemand(demands, kind, given);
  return unmet && { [inputIds[unmet.input]]: unmet.sentence };
}

/** The request for many nodes of a decision that a click or its modal takes. */
export function plainMany(decision: PlainDecision, { changeTicket, reason }: Given = {}): ManyRequest {
  const why = reason === undefined ? {} : { reason };
  if (decision !== 'approve-now' && decision !== 'approve-window') return { kind: decision, ...why };
  const ticket = changeTicket === undefined ? {} : { changeTicket };
  return { kind: 'approve', mode: decision === 'approve-now' ? 'now' : 'window', ...ticket, ...why };
}

export const plainOne = (decision: PlainDecision, digest: string, given?: Given): RebootDecision =>
  requestForOne(plainMany(decision, given), digest);
