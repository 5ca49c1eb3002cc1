/** Silences alerts of a node that is out of service on purpose. No step of a reboot waits for a silence. */
import type { SilenceWish } from '../ports/silences.ts';
import { isIn, type Phase, type Reboot } from '../state/reboot.ts';
import { hour, minute } from '../time/time.ts';
import { isCleaningUp } from '../state/clean-up.ts';
import type { RebootEvent } from '../machine/events/events.ts';
import { fieldsOf, poolFor } from '../loop/apply.ts';
import type { ServiceDeps } from '../loop/deps.ts';
import { type Effect, type EffectContext, nothingToTell, telling } from './effect.ts';

/** No call where the alerts are known to be silenced. */
export const silence: Effect<'silence'> = {
  name: 'silence',
  owed: ({ state }) =>
    state.phase === 'Rebooting' ||
    state.phase === 'Settling' ||
    (state.phase === 'Draining' && state.cordon !== undefined),
  carryOut: async (context) => telling(await keepSilence(context)),
  does: 'Silences alerts of the node while this Reboot has it out of service.',
  repeated: 'Extends the silence that it finds under its name after half of its time.',
  crash: 'The silence is there, and found again; it expires by itself.',
};

/** Alerts of a node that is out of service because of a failure must fire. */
export const unsilence: Effect<'unsilence'> = {
  name: 'unsilence',
  owed: isCleaningUp,
  async carryOut({ deps, reboot }) {
    await endSilence(deps, reboot);
    return nothingToTell;
  },
  does: 'Ends the silence of the alerts.',
  repeated: 'A silence that has ended stays ended.',
  crash: 'The silence ends with the clean-up, or expires by itself.',
};

/** Back-off after a failed call to an Alertmanager, in milliseconds. */
const retryAfter = minute;

function wishOf(deps: ServiceDeps, reboot: Reboot): SilenceWish | undefined {
  const { silence: wanted } = poolFor(deps, reboot).hooks;
  return wanted && { silence: wanted, node: reboot.node.name, reboot: reboot.name };
}

/** Ensures that the alerts are silenced. Returns an event at the first failure only. */
async function keepSilence({ deps, reboot, still }: EffectContext): Promise<RebootEvent | undefined> {
  const wish = wishOf(deps, reboot);
  const now = deps.clock.now();
  if (wish === undefined || now < (deps.silencedUntil.get(reboot.name) ?? 0)) return undefined;
  // A late worker must not silence a node that is back in service.
  if (!(await still())) return undefined;
  pruneExpired(deps);
  const answer = await deps.silences.keep(wish);
  // The silence is extended after half of its time.
  deps.silencedUntil.set(reboot.name, answer.ok ? now + (answer.found - now) / 2 : now + retryAfter);
  if (answer.ok) {
    deps.logger.info('alerts silenced', { ...fieldsOf(reboot), until: answer.found });
    return undefined;
  }
  const isNews = !deps.told.has(toldKey(reboot));
  deps.told.add(toldKey(reboot));
  if (!isNews) return undefined;
  deps.logger.warn('alerts not silenced', { ...fieldsOf(reboot), why: answer.problem });
  return { type: 'silence-failed', problem: answer.problem };
}

const toldKey = ({ name }: Reboot): string => `silence/${name}`;

/** Drops the entries of Reboots that another replica has ended. */
function pruneExpired({ silencedUntil, clock }: ServiceDeps): void {
  for (const [name, until] of silencedUntil) if (until < clock.now() - hour) silencedUntil.delete(name);
}

const beforeDrain: ReadonlySet<Phase> = new Set(['Pending', 'Snoozed', 'Denied', 'Approved'] as const);

/** Expires the silence. It expires by itself too, so a failure delays nothing. */
async function endSilence(deps: ServiceDeps, reboot: Reboot): Promise<void> {
  deps.silencedUntil.delete(reboot.name);
  deps.told.delete(toldKey(reboot));
  if (isIn(reboot, 'Cancelled', 'Superseded') && beforeDrain.has(reboot.state.from)) return;
  const wish = wishOf(deps, reboot);
  if (wish === undefined) return;
  const answer = await deps.silences.end(wish);
  if (answer.ok) deps.logger.info('silence of alerts ended', fieldsOf(reboot));
  else deps.logger.warn('silence of alerts not ended', { ...fieldsOf(reboot), why: answer.problem });
}
