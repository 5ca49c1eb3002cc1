import type { Blocker } from '../../src/reboot/scheduling/blockers.ts';
import type { Gatekeeper, StartQuestion } from '../../src/reboot/ports/outside.ts';

/** Lets everything start except the nodes that a test names. */
export function fakeGatekeeper(): Gatekeeper & {
  blocks: Map<string, readonly Blocker[]>;
  asked: string[];
  questions: StartQuestion[];
} {
  const blocks = new Map<string, readonly Blocker[]>();
  const asked: string[] = [];
  const questions: StartQuestion[] = [];
  return {
    blocks,
    asked,
    questions,
    async ask(question: StartQuestion) {
      const { node } = question;
      asked.push(node.name);
      questions.push(question);
      return blocks.get(node.name) ?? [];
    },
  };
}
