/** `/reboot deny`: denies reboots, with a reason. */
import { isBlank } from '../../../../reboot/words/text.ts';
import { decideOnTarget, noName, targets, type TargetedDecision } from '../../decide-by-name.ts';
import { longestReason, splitTarget } from '../../split-target.ts';
import { type Parsed, subcommand } from '../../subcommand.ts';

export const denySubcommand = subcommand({
  aliases: ['reject'],
  decides: 'deny',
  usage: `${targets} REASON`,
  says: 'say no, and why',
  permission: 'approvers',
  kubectl: noName,
  ofCluster: ['all'],
  parse: denial,
  answer: decideOnTarget,
});

function denial(words: readonly string[]): Parsed<TargetedDecision> {
  const split = splitTarget(words);
  if (split === undefined) return { ok: false };
  const { target, rest } = split;
  const reason = rest.join(' ').slice(0, longestReason);
  if (isBlank(reason)) return { ok: false, sentence: 'Say why after the name: others will ask.' };
  return {
    ok: true,
    parsed: {
      target,
      request: { kind: 'deny', reason },
      confirmation: (name) => `You denied the reboot of ${name}.`,
    },
  };
}
