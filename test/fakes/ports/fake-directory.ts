import type { Directory } from '../../../src/bot/people/directory.ts';
import type { Person } from '../../../src/reboot/approval/person.ts';
import { PortError } from '../../../src/reboot/ports/port-error.ts';
import { aPerson } from '../builders.ts';

export interface FakeDirectory extends Directory {
  /** The workspace, by id: mia, at first. */
  readonly people: Map<string, Person>;
  down: boolean;
  timeZone: string | undefined;
}

/** The people of workspace T0, whose zone is Berlin. */
export function fakeDirectory(...people: readonly Person[]): FakeDirectory {
  const known = people.length > 0 ? people : [aPerson()];
  const fake: FakeDirectory = {
    people: new Map(known.map((person) => [person.id, person])),
    down: false,
    timeZone: 'Europe/Berlin',
    async identify(id, teamId) {
      if (fake.down) throw new PortError('chat-unreachable', 'Slack cannot be reached.', { retryable: true });
      const person = fake.people.get(id);
      if (person === undefined)
        throw new PortError('chat-unknown-person', `Slack knows no person ${id}`, { retryable: false });
      const foreign = person.foreign || (teamId !== undefined && teamId !== 'T0');
      return {
        person: { ...person, foreign },
        ...(fake.timeZone === undefined ? {} : { timeZone: fake.timeZone }),
      };
    },
  };
  return fake;
}
