/** `/reboot skip`: gives failed reboots up. */
import { bareDecision } from '../../bare-decision.ts';

export const skipSubcommand = bareDecision({
  aliases: [],
  says: 'give a failed reboot up, and let the pool go on',
  request: { kind: 'skip' },
  confirmation: (node) => `You gave the reboot of ${node} up.`,
});
