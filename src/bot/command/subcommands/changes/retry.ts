/** `/reboot retry`: tries again what failed, or what was undone. */
import { bareDecision } from '../../bare-decision.ts';

export const retrySubcommand = bareDecision({
  aliases: [],
  says: 'try again what failed, or the drain that was undone',
  request: { kind: 'retry' },
  confirmation: (node) => `You retried ${node}. Its card shows how far it is.`,
});
