/** `/reboot doctor`: what `tugboot doctor` finds to mend, in short. */
import { doctorAnswer as doctorView } from '../../../views/answers/doctor-answer.ts';
import { subcommand } from '../../subcommand.ts';

export const doctorSubcommand = subcommand({
  aliases: [],
  usage: '',
  says: 'what is wrong with this installation, and how to mend it',
  permission: 'everybody',
  kubectl:
    '`kubectl -n tugboot exec deployment/tugboot-bot -- node dist/tugboot.cjs doctor`, with every finding',
  parse: () => ({ ok: true, parsed: undefined }),
  answer: async (_, { handler }) => doctorView(await handler.examine()),
});
