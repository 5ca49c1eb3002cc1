import type { Blocker } from '../../../src/reboot/scheduling/blockers/blockers.ts';
import type { Gatekeeper, StartQuestion } from '../../../src/reboot/ports/outside.ts';

/** Lets everything start except the nodes that a test names. */
export function fakeGatekeeper(): Gatekeeper & {
  blocks: Map<string, readonly Blocker[]>;
  asked: string[];
  questions: StartQuestion[];
  /** Why no gate can be asked. */
  down: string | undefined;
} {
  const blocks = new Map<string, readonly Blocker[]>();
  const asked: string[] = [];
  const questions: StartQuestion[] = [];
  const fake: ReturnType<typeof fakeGatekeeper> = {
    blocks,
    asked,
    questions,
    down: undefined,
    async ask(question: StartQuestion) {
      const { node } = question;
      asked.push(node.name);
      questions.push(question);
      if (fake.down !== undefined)
        return [
          {
            code: 'gate-unreachable',
            sentence: `The gate cannot say whether it may start: ${fake.down}.`,
            clears: 'It is asked again every few seconds.',
          },
        ];
      return blocks.get(node.name) ?? [];
    },
  };
  return fake;
}
