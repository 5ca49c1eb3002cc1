/**
 * The webhooks of `hooks.before` and `hooks.after`: the contract of the webhook gate, called during a reboot.
 */
import type { HookAnswer } from '../reboot/state/hook-facts.ts';
import type { HookQuestion, Hooks } from '../reboot/ports/outside.ts';
import { askWebhook, factsOf, type WebhookAnswer, type WebhookDeps } from './ask-webhook.ts';
import { usualTimeout } from './http.ts';

/**
 * 200 lets the reboot continue; 409 delays it, or fails it with `"final": true`. Without a valid answer the
 * call is repeated.
 */
export const hookCaller = (deps: WebhookDeps): Hooks => ({
  async ask(question) {
    // Short: this call blocks the Reboot's reconcile, and so the handling of a click.
    const webhook = { ...question.hook, timeout: usualTimeout };
    return answerOf(await askWebhook(deps, webhook, questionOf(question, deps.cluster)));
  },
});

/** The id is stable across repeated calls and replicas; a retry by a person has a new one. */
const questionOf = (question: HookQuestion, cluster: string): object => ({
  ...factsOf(question, cluster),
  hook: {
    step: question.step,
    id: `${question.reboot.name}/${question.step}/${question.since}`,
    since: question.since,
  },
});

function answerOf(answer: WebhookAnswer): HookAnswer {
  if (answer.kind === 'yes') return { kind: 'done' };
  if (answer.kind === 'none') return { kind: 'wait', said: `cannot be asked: ${answer.problem}` };
  const why = answer.reason === '' ? '' : `: ${answer.reason}`;
  return answer.final
    ? { kind: 'failed', said: `says no${why}` }
    : { kind: 'wait', said: `says not yet${why}` };
}
