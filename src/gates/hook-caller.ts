/**
 * The webhooks of `hooks.before` and `hooks.after`: the same contract as the gate's, asked in the course of a
 * reboot.
 */
import type { HookAnswer } from '../reboot/state/hook-facts.ts';
import type { HookQuestion, Hooks } from '../reboot/ports/outside.ts';
import { askWebhook, factsOf, type WebhookAnswer, type WebhookDeps } from './ask-webhook.ts';
import { usualTimeout } from './http.ts';

/**
 * 200 lets it go on, 409 keeps it waiting, or ends it with `"final": true`. What is no answer is asked again.
 */
export const hookCaller = (deps: WebhookDeps): Hooks => ({
  async ask(question) {
    // While it is asked nothing else is done for the reboot, and a click would wait for it.
    const webhook = { ...question.hook, timeout: usualTimeout };
    return answerOf(await askWebhook(deps, webhook, questionOf(question, deps.cluster)));
  },
});

/** The id is the same for each repetition, also by another bot, and another one after a retry. */
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
