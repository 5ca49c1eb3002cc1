/** `/reboot deny`: denies the reboot of a node, with a reason. */
import { isBlank } from '../../../reboot/words/text.ts';
import { decideByName, type DecisionByName, noName } from '../decide-by-name.ts';
import { type Parsed, subcommand } from '../subcommand.ts';

export const denySubcommand = subcommand({
  aliases: ['reject'],
  usage: 'NODE REASON',
  says: 'say no, and why',
  permission: 'approvers',
  kubectl: noName,
  parse: denial,
  answer: decideByName,
});

function denial([node, ...words]: readonly string[]): Parsed<DecisionByName> {
  if (node === undefined) return { ok: false };
  const reason = words.join(' ');
  if (isBlank(reason)) return { ok: false, sentence: 'Say why after the node: others will ask.' };
  return {
    ok: true,
    parsed: {
      node,
      requestFor: () => ({ kind: 'deny', reason }),
      confirmation: (name) => `You denied the reboot of ${name}.`,
    },
  };
}
