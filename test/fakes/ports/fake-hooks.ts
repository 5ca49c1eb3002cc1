import type { HookAnswer } from '../../../src/reboot/state/hook-facts.ts';
import type { HookQuestion, Hooks } from '../../../src/reboot/ports/outside.ts';

/** Answers yes unless a test sets another answer. */
export function fakeHooks(): Hooks & {
  questions: HookQuestion[];
  /** By node and step; absent: yes. */
  answers: Map<string, HookAnswer>;
  /** Approved, by Reboot and step. */
  yes: Set<string>;
} {
  const questions: HookQuestion[] = [];
  const yes = new Set<string>();
  const answers = new Map<string, HookAnswer>();
  return {
    questions,
    answers,
    yes,
    async ask(question) {
      questions.push(question);
      const { node, step, reboot } = question;
      const answer = answers.get(`${node.name} ${step}`) ?? { kind: 'done' };
      if (answer.kind === 'done') yes.add(`${reboot.name} ${step}`);
      return answer;
    },
  };
}
