import type { Blocker } from '../../src/reboot/blockers.ts';
import type { Gatekeeper, StartQuestion } from '../../src/reboot/ports.ts';

/** Lets everything start but the nodes that a test names. */
export function fakeGatekeeper(): Gatekeeper & { blocks: Map<string, readonly Blocker[]>; asked: string[] } {
  const blocks = new Map<string, readonly Blocker[]>();
  const asked: string[] = [];
  return {
    blocks,
    asked,
    async ask({ node }: StartQuestion) {
      asked.push(node.name);
      return blocks.get(node.name) ?? [];
    },
  };
}
