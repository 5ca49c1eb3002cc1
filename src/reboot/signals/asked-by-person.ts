/** Reboots requested by a person, with or without a signal that requires one. */
import type { Need } from '../state/need.ts';
import type { Principal } from '../state/decision.ts';
import { type Instant, toTimestamp } from '../time/time.ts';
import { nameOf } from '../words/words.ts';

export interface PersonAsks {
  readonly by: Principal;
  readonly reason?: string;
}

export function askedByPerson(need: Need, { by, reason }: PersonAsks, now: Instant): Need {
  const given = reason === undefined ? {} : { reason };
  return withPerson(need, { by, at: toTimestamp(now), ...given });
}

/** Replaces the signals of a need and keeps the request of a person. */
export const keepPerson = (fresh: Need, { person }: Need): Need =>
  person === undefined ? fresh : withPerson(fresh, person);

function withPerson(need: Need, person: NonNullable<Need['person']>): Need {
  const name = nameOf(person.by);
  const others = (need.askedBy ?? []).filter((asker) => asker.name !== name);
  const asker = { name, ...(person.reason === undefined ? {} : { reason: person.reason }) };
  return { ...need, askedBy: [...others, asker], person };
}
