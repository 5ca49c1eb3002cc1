import type { SlackClock } from '../clock.ts';
import type { Ids } from '../ids.ts';

export interface Trigger {
  readonly user: string;
  /** Pressed or submitted inside a modal: only then can a view be pushed. */
  readonly inModal: boolean;
}

export type TriggerError = 'invalid_trigger_id' | 'expired_trigger_id' | 'exchanged_trigger_id';

export interface TriggerIds {
  issue(trigger: Trigger): string;
  /** Consumes it: a trigger opens one view. */
  redeem(id: string): Trigger | TriggerError;
}

/** "You have three seconds to use it": https://docs.slack.dev/interactivity/handling-user-interaction */
const lifetime = 3000;

export function createTriggerIds(ids: Ids, clock: SlackClock): TriggerIds {
  const issued = new Map<string, { readonly trigger: Trigger; readonly expires: number; used: boolean }>();
  return {
    issue(trigger) {
      const id = `${clock.now()}.${ids.secret().slice(0, 10)}.${ids.secret()}`;
      issued.set(id, { trigger, expires: clock.now() + lifetime, used: false });
      return id;
    },
    redeem(id) {
      const found = issued.get(id);
      if (found === undefined) return 'invalid_trigger_id';
      if (found.used) return 'exchanged_trigger_id';
      if (clock.now() > found.expires) return 'expired_trigger_id';
      found.used = true;
      return found.trigger;
    },
  };
}
