/**
 * Alerts of a node that is out of service on purpose. They wake nobody up, and nothing of a reboot waits for
 * that.
 */
import type { SilenceWish } from '../ports/silences.ts';
import { isIn, type Phase, type Reboot } from '../state/reboot.ts';
import { hour, minute } from '../ports/time.ts';
import { effectsOf } from '../machine/effects.ts';
import type { RebootEvent } from '../machine/events.ts';
import { fieldsOf, poolFor } from './apply.ts';
import type { ServiceDeps } from '../loop/deps.ts';

/** An Alertmanager that is away is not asked at each look. */
const tryAgain = minute;

function wishOf(deps: ServiceDeps, reboot: Reboot): SilenceWish | undefined {
  const { silence: wanted } = poolFor(deps, reboot).hooks;
  return wanted && { silence: wanted, node: reboot.node.name, reboot: reboot.name };
}

/** Makes sure that they are silenced for a while yet. Returns that they are not, where that is news. */
export async function silence(deps: ServiceDeps, reboot: Reboot): Promise<RebootEvent | undefined> {
  const wish = wishOf(deps, reboot);
  const now = deps.clock.now();
  if (wish === undefined || now < (deps.silencedUntil.get(reboot.name) ?? 0)) return undefined;
  if (!(await isStillOut(deps, reboot))) return undefined;
  forgetOld(deps);
  const answer = await deps.silences.keep(wish);
  // Extended when half of the time is over.
  deps.silencedUntil.set(reboot.name, answer.ok ? now + (answer.found - now) / 2 : now + tryAgain);
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

/** A late worker would silence a node that is back at work. */
async function isStillOut(deps: ServiceDeps, { name }: Reboot): Promise<boolean> {
  const stored = await deps.store.get(name);
  return stored !== undefined && effectsOf(stored).some(({ kind }) => kind === 'silence');
}

/** Of reboots that another bot has ended. */
function forgetOld({ silencedUntil, clock }: ServiceDeps): void {
  for (const [name, until] of silencedUntil) if (until < clock.now() - hour) silencedUntil.delete(name);
}

const untouched: ReadonlySet<Phase> = new Set(['Pending', 'Snoozed', 'Denied', 'Approved'] as const);

/** It ends by itself as well, so that one that cannot be ended now keeps nobody. */
export async function unsilence(deps: ServiceDeps, reboot: Reboot): Promise<void> {
  deps.silencedUntil.delete(reboot.name);
  deps.told.delete(toldKey(reboot));
  if (isIn(reboot, 'Cancelled', 'Superseded') && untouched.has(reboot.state.from)) return;
  const wish = wishOf(deps, reboot);
  if (wish === undefined) return;
  const answer = await deps.silences.end(wish);
  if (answer.ok) deps.logger.info('silence of alerts ended', fieldsOf(reboot));
  else deps.logger.warn('silence of alerts not ended', { ...fieldsOf(reboot), why: answer.problem });
}
