/** What the App Home of a person shows. Read-only, from what is known in memory. */
import { asksPerson } from '../approval/asks-person.ts';
import type { Person } from '../approval/person.ts';
import { refusal } from '../approval/permissions.ts';
import { cardData } from '../card/card-data.ts';
import type { CardData } from '../card/card-facts.ts';
import { isOpen } from '../ownership/ownership.ts';
import type { PoolDigestData } from '../pool-digest/message/digest-facts.ts';
import type { HomeView, StatusRow } from '../ports/decisions/decisions.ts';
import { isIn, type Reboot } from '../state/reboot.ts';
import { toInstant } from '../time/time.ts';
import { digestFor } from '../loop/decided-in.ts';
import { poolFor } from '../loop/apply.ts';
import { rulesFor } from '../loop/follow-pool.ts';
import type { ServiceDeps } from '../loop/deps.ts';
import { allWindows } from './explain.ts';
import { poolDigestData } from './pool-digest-data.ts';
import { statusView } from './status.ts';

/** How many ended Reboots are listed. */
const mostEnded = 10;
/** How many of each kind are shown with their buttons. */
const mostWithButtons = 6;

export async function home(deps: ServiceDeps, person: Person): Promise<HomeView> {
  const status = await statusView(deps);
  const isForPerson = ({ reboot }: StatusRow): boolean => asksPerson(person, reboot, poolFor(deps, reboot));
  const inDigests = status.rows.filter(
    (row) => isForPerson(row) && digestFor(deps, row.reboot) !== undefined,
  );
  const alone = status.rows.filter((row) => isForPerson(row) && digestFor(deps, row.reboot) === undefined);
  const failed = status.rows.filter(
    ({ reboot }) =>
      isIn(reboot, 'Failed') && refusal(person, poolFor(deps, reboot), reboot, 'retry') === undefined,
  );
  const withButtons = [...alone.slice(0, mostWithButtons), ...failed.slice(0, mostWithButtons)];
  const shownAbove = new Set([...withButtons, ...inDigests].map(({ reboot }) => reboot.name));
  return {
    status,
    waiting: inDigests.length + alone.length,
    digests: await digestsWith(deps, inDigests),
    asks: alone.slice(0, mostWithButtons).map((row) => cardOf(deps, row)),
    failed: failed.slice(0, mostWithButtons).map((row) => cardOf(deps, row)),
    others: status.rows.filter(({ reboot }) => isOpen(reboot) && !shownAbove.has(reboot.name)),
    ended: lastEnded(deps.store.all()),
    windows: allWindows(deps),
  };
}

const cardOf = (deps: ServiceDeps, { reboot, blockers }: StatusRow): CardData =>
  cardData(reboot, {
    cluster: deps.policy().cluster,
    pool: rulesFor(deps, reboot),
    blockers,
    now: deps.clock.now(),
  });

async function digestsWith(
  deps: ServiceDeps,
  rows: readonly StatusRow[],
): Promise<readonly PoolDigestData[]> {
  const pools = new Set(rows.map(({ reboot }) => reboot.pool));
  const digests = deps.digests.all().filter(({ pool }) => pools.has(pool));
  return Promise.all(digests.slice(0, mostWithButtons).map((digest) => poolDigestData(deps, digest)));
}

/** Those for which there was nothing to do are left out. */
const lastEnded = (reboots: readonly Reboot[]): readonly Reboot[] =>
  reboots
    .filter((reboot) => !isOpen(reboot) && !isIn(reboot, 'Superseded'))
    .toSorted((one, other) => toInstant(other.state.since) - toInstant(one.state.since))
    .slice(0, mostEnded);
