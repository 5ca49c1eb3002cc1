/** `/reboot cancel`: stops reboots before their order. */
import { bareDecision } from '../../bare-decision.ts';

export const cancelSubcommand = bareDecision({
  aliases: ['stop'],
  says: 'stop it before the reboot is ordered; a drain that has begun is put back',
  request: { kind: 'cancel' },
  confirmation: (node) => `You cancelled the reboot of ${node}.`,
});
