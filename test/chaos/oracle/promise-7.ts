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
  if (phase === 'Failed' && text(reboot, 'status', 'sentence') === '') return ['7.named', `${name} failed and says not why`];
  if (phase !== 'Approved') return undefined;
  const says = [
    ...list(reboot, 'status', 'blockers').map((one) => text(one, 'sentence')),
    text(reboot, 'status', 'retry', 'cause'),
  ];
  return says.some((sentence) => sentence !== '') ? undefined : ['7.named', `${name} waits, and says not what for`];
}

/** Buttons that belong to a phase, and to no other. */
const buttons: Readonly<Record<string, string>> = {
  Pending: 'tugboot.approve-now',
  Failed: 'tugboot.skip',
};

function card(seen: Seen, name: string, reboot: Obj): Found {
  const phase = phaseOf(reboot);
  const button = buttons[phase];
  const ref = text(reboot, 'status', 'chat', 'card', 'ts');
  if (ref === '') return undefined;
  const message = seen.messages.get(ref);
  if (message === undefined) return ['7.card', `the card of ${name} is not there`];
  const shown = JSON.stringify(message.blocks ?? []);
  if (button !== undefined && !shown.includes(`"${button}"`))
    return ['7.card', `the card of ${name}, ${phase}, lacks ${button}`];
  const others = Object.entries(buttons).filter(([other]) => other !== phase);
  const wrong = others.find(([, id]) => shown.includes(`"${id}"`) && shown.includes(name));
  return wrong === undefined ? undefined : ['7.card', `the card of ${name}, ${phase}, still has ${wrong[1]}`];
}
