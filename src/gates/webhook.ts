/**
 * The webhook gate: an external service, such as a change calendar or a ticket system, that has to agree to
 * each start.
 */
import type { Blocker } from '../reboot/scheduling/blockers/blockers.ts';
import type { Gatekeeper } from '../reboot/ports/outside.ts';
import { askWebhook, factsOf, type WebhookAnswer, type WebhookDeps } from './ask-webhook.ts';

/** 200 allows the start; 409 blocks it, with a reason; everything else blocks it as well. */
export function webhookGatekeeper(deps: WebhookDeps): Gatekeeper {
  return {
    async ask({ pool, node, reboot }) {
      const { webhook } = pool.gates;
      if (webhook === undefined) return [];
      const facts = factsOf({ pool: pool.name, node, reboot }, deps.cluster);
      const blocker = blockerOf(await askWebhook(deps, webhook, facts));
      return blocker ? [blocker] : [];
    },
  };
}

function blockerOf(answer: WebhookAnswer): Blocker | undefined {
  if (answer.kind === 'yes') return undefined;
  if (answer.kind === 'none')
    return {
      code: 'gate-unreachable',
      sentence: `The webhook of the pool cannot say whether it may start: ${answer.problem}.`,
      clears: 'It is asked again every few seconds.',
    };
  return {
    code: 'webhook-refused',
    sentence: `The webhook of the pool says no${answer.reason === '' ? '.' : `: ${answer.reason}`}`,
    clears: 'It is asked again every few seconds, and starts when it says yes.',
  };
}
