/** The words that decide without further arguments. */
import type { ManyRequest } from '../../reboot/pool-digest/many-request.ts';
import { decideTyped, noName, targets } from './decide-by-name.ts';
import { splitTarget } from './split-target.ts';
import { type Subcommand, subcommand } from './subcommand.ts';

interface BareDecision {
  readonly aliases: readonly string[];
  readonly says: string;
  readonly request: ManyRequest;
  readonly confirmation: (node: string) => string;
}

export const bareDecision = ({ aliases, says, request, confirmation }: BareDecision): Subcommand =>
  subcommand({
    aliases,
    usage: targets,
    says,
    permission: 'approvers',
    kubectl: noName,
    ofCluster: ['all'],
    parse: (words) => {
      const split = splitTarget(words);
      if (split === undefined) return { ok: false };
      const { target, rest } = split;
      return rest.length === 0
        ? { ok: true, parsed: { target, request, confirmation } }
        : { ok: false, sentence: `I do not know what "${rest.join(' ')}" means here. Nothing was decided.` };
    },
    answer: decideTyped,
  });
