/** Nobody is left guessing. */
import { list, type Obj, text } from './json.ts';
import { phaseOf, type Seen } from './seen.ts';
import type { Found } from './invariant.ts';

export function restOf7(seen: Seen): Found {
  for (const [name, reboot] of seen.reboots) {
    const found = named(name, reboot) ?? card(seen, name, reboot);
    if (found !== undefined) return found;
  }
  return undefined;
}

function named(name: string, reboot: Obj): Found {
  const phase = phaseOf(reboot);
  if (phase === 'Failed' && text(reboot, 'status', 'sentence') === '')
    return ['7.named', `${name} failed and says not why`];
  if (phase !== 'Approved') return undefined;
  const says = [
    ...list(reboot, 'status', 'blockers').map((one) => text(one, 'sentence')),
    text(reboot, 'status', 'retry', 'cause'),
  ];
  return says.some((sentence) => sentence !== '')
    ? undefined
    : ['7.named', `${name} waits, and says not what for`];
}

/** Buttons that a phase has to have, and those that may be there in no other phase than these. */
const needed: Readonly<Record<string, string>> = { Pending: 'tugboot.approve-now', Failed: 'tugboot.skip' };
const allowed: Readonly<Record<string, readonly string[]>> = {
  'tugboot.approve-now': ['Pending', 'Snoozed', 'Approved'],
  'tugboot.skip': ['Failed'],
};

function card(seen: Seen, name: string, reboot: Obj): Found {
  const phase = phaseOf(reboot);
  const button = needed[phase];
  const ref = text(reboot, 'status', 'chat', 'card', 'ts');
  if (ref === '') return undefined;
  const message = seen.messages.get(ref);
  if (message === undefined) return ['7.card', `the card of ${name} is not there`];
  const shown = JSON.stringify(message.blocks ?? []);
  // Several that ask at once have their buttons in the digest of their pool.
  const digest = [...seen.messages.values()].some(({ blocks }) =>
    JSON.stringify(blocks ?? []).includes('"tugboot.digest.approve-now"'),
  );
  const isThere = shown.includes(`"${button}"`) || (phase === 'Pending' && digest);
  if (button !== undefined && !isThere) return ['7.card', `the card of ${name}, ${phase}, lacks ${button}`];
  const wrong = Object.entries(allowed).find(
    ([id, phases]) => !phases.includes(phase) && shown.includes(`"${id}"`) && shown.includes(name),
  );
  return wrong === undefined ? undefined : ['7.card', `the card of ${name}, ${phase}, still has ${wrong[0]}`];
}
