/** `/reboot wake`: asks again about what was snoozed, denied, cancelled or given up. */
import { bareDecision } from '../../bare-decision.ts';

export const wakeSubcommand = bareDecision({
  aliases: ['ask'],
  says: 'ask again now about what was snoozed, denied, cancelled or given up',
  request: { kind: 'ask-again' },
  confirmation: (node) => `You asked again about ${node}.`,
});
