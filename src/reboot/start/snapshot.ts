/** What a plan is made from, as the watches hold it. */
import type { Snapshot } from '../scheduling/snapshot/snapshot.ts';
import { emptyLedger } from '../scheduling/snapshot/ledger.ts';
import type { PackageWork } from '../nodes/node-report.ts';
import { reportOf } from '../signals/signals.ts';
import { PortError } from '../ports/port-error.ts';
import type { Reboot } from '../state/reboot.ts';
import type { ServiceDeps } from '../loop/deps.ts';

/**
 * Uses the ledger that this process last read or wrote. The compare-and-swap that takes a turn detects turns
 * that it lacks; turns that it has too many only delay a start. `about` replaces the Reboot of its name.
 */
export async function snapshotOf(deps: ServiceDeps, about?: Reboot): Promise<Snapshot> {
  const ledger = await latestLedger(deps);
  return { ...watchedWorld(deps, about), ...ledger };
}

/** A snapshot but for the ledger, which is not watched. */
export function watchedWorld(deps: ServiceDeps, about?: Reboot): Omit<Snapshot, 'ledger' | 'ledgerProblem'> {
  const chatAwaySince = deps.chatAwaySince();
  const all = deps.store.all();
  return {
    nodes: deps.cluster.nodes(),
    reboots: about ? [...all.filter(({ name }) => name !== about.name), about] : all,
    unreadable: deps.store.unreadable(),
    heardAt: deps.cluster.heardAt(),
    pauses: deps.pauses.all(),
    packageWork: packageWorkIn(deps),
    ownNodes: deps.own().nodes,
    ...(chatAwaySince === undefined ? {} : { chatAwaySince }),
  };
}

/** By node: running package managers, from reports on the current boot. */
function packageWorkIn(deps: ServiceDeps): ReadonlyMap<string, PackageWork> {
  const found = new Map<string, PackageWork>();
  for (const node of deps.cluster.nodes()) {
    const work = reportOf(node, deps.cluster.agent(node.name))?.packageWork;
    if (work !== undefined) found.set(node.name, work);
  }
  return found;
}

/** A ledger that cannot be read blocks every start, and becomes their blocker. */
async function latestLedger({ ledger }: ServiceDeps): Promise<Pick<Snapshot, 'ledger' | 'ledgerProblem'>> {
  try {
    return { ledger: await ledger.latest() };
  } catch (error) {
    if (!(error instanceof PortError) || error.code !== 'ledger-unreadable') throw error;
    return { ledger: emptyLedger, ledgerProblem: error.message };
  }
}
