import { parseArgs } from 'node:util';
import { cleanUpCluster } from '../k8s/cleanup/clean-up.ts';
import { connectClient } from '../k8s/api/connect-client.ts';
import { sleep } from '../ops/sleep.ts';
import { PortError } from '../reboot/ports/port-error.ts';
import { minute } from '../reboot/time/time.ts';
import { version } from '../version.ts';
import type { Command, CommandIo } from './io.ts';

const help = `tugboot cleanup [--bot DEPLOYMENT] [--reboots]: takes back what Tugboot has written to the cluster, before it is
uninstalled. The chart runs it when helm uninstalls it.

Stops the bot first, and waits until it has ended. Withdraws orders; takes labels, annotations, taints, conditions and
cordons of Tugboot's off all nodes, and puts back what stood there before; deletes NodeAgents and the ConfigMaps of the bot.
A cordon of somebody else stays. A node that is going down is waited for, and cleaned when it is back.
Leaves the Reboots, which are the history: one that is open goes on when Tugboot is installed again.

  --bot DEPLOYMENT   the Deployment of the bot in POD_NAMESPACE, which is scaled to 0; without it, the bot has been stopped
  --reboots          deletes the Reboots as well

Reads POD_NAMESPACE (tugboot), KUBECONFIG and KUBE_CONTEXT; inside a cluster the service account is used. Running it again is safe.

Exit codes: 0 all is taken back, 1 something is left, which is said, 2 bad usage.
`;

const fallbackNamespace = 'tugboot';

/** For the bot to end, and for nodes to come back. Helm gives a hook five minutes in all. */
const patience = 2 * minute;

export const run: Command = async (args, io) => {
  const options = {
    help: { type: 'boolean' },
    reboots: { type: 'boolean' },
    bot: { type: 'string' },
  } as const;
  try {
    const { values } = parseArgs({ args: [...args], options });
    if (values.help === true) {
      io.stdout.write(help);
      return 0;
    }
    return await cleanUp(values, io);
  } catch (error) {
    if (error instanceof PortError) return failed([error.message], io);
    if (!(error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')))
      throw error;
    io.stderr.write(`tugboot cleanup: ${error.message} See tugboot cleanup --help.\n`);
    return 2;
  }
};

async function cleanUp(
  { bot, reboots = false }: { readonly bot?: string; readonly reboots?: boolean },
  io: CommandIo,
): Promise<number> {
  const { KUBECONFIG: kubeconfig, KUBE_CONTEXT: context, POD_NAMESPACE } = io.env;
  const clock = { now: () => Date.now() };
  const client = connectClient({
    clock,
    sleep,
    version,
    ...(kubeconfig ? { kubeconfig } : {}),
    ...(context ? { context } : {}),
  });
  try {
    const problems = await cleanUpCluster({
      client,
      clock,
      sleep,
      namespace: POD_NAMESPACE || fallbackNamespace,
      ...(bot === undefined ? {} : { bot }),
      reboots,
      wait: patience,
      tell: (line) => void io.stdout.write(`${line}\n`),
    });
    return problems.length === 0 ? 0 : failed(problems, io);
  } finally {
    await client.close();
  }
}

function failed(problems: readonly string[], io: CommandIo): number {
  for (const problem of problems) io.stderr.write(`tugboot cleanup: ${problem}\n`);
  return 1;
}
