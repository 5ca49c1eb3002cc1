import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Directory } from '../../src/bot/people/directory.ts';
import { isTimeZone } from '../../src/reboot/windows/wall-clock.ts';

/**
 * A workspace whose policy names the group of approvers and a channel, with: a member of the group, a guest,
 * somebody of another organisation, and somebody who has left.
 */
export interface DirectoryWorld {
  readonly directory: Directory;
  readonly team: string;
  readonly group: string;
  /** The channel whose members may approve: everybody but who has left. */
  readonly channel: string;
  readonly people: Readonly<Record<'member' | 'nonMember' | 'guest' | 'stranger' | 'left', string>>;
  /** From now on chat does not respond. */
  goAway(): Promise<void>;
  /** Waits for work, and advances a fake clock meanwhile. */
  run<T>(work: Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export function directoryContract(name: string, make: () => Promise<DirectoryWorld>): void {
  describe(`Directory contract: ${name}`, () => {
    let world: DirectoryWorld;
    beforeEach(async () => {
      world = await make();
    });
    afterEach(() => world.close());

    const identify = (id: string, team: string | undefined = world.team) =>
      world.run(world.directory.identify(id, team));
    const nothingSpecial = { guest: false, bot: false, deactivated: false, foreign: false };

    it('knows a person by id, with a name, the groups of the policy, and the time where they are', async () => {
      const { member } = world.people;
      const { person, timeZone } = await identify(member);
      expect(person).toMatchObject({ id: member, groups: [world.group], ...nothingSpecial });
      expect(person.name).toMatch(/\w/);
      expect(isTimeZone(timeZone ?? '')).toBe(true);
    });

    it('gives nobody a group that they do not belong to', async () => {
      expect((await identify(world.people.nonMember)).person).toMatchObject({
        groups: [],
        ...nothingSpecial,
      });
    });

    it('knows who is in the channel whose members may approve', async () => {
      expect((await identify(world.people.nonMember)).person.channels).toEqual([world.channel]);
      expect((await identify(world.people.left)).person.channels).toEqual([]);
    });

    it.each([
      ['guest', 'guest'],
      ['stranger', 'foreign'],
      ['left', 'deactivated'],
    ] as const)('says who is none of its own: %s', async (who, what) => {
      expect((await identify(world.people[who])).person).toMatchObject({ [what]: true });
    });

    it('takes a click from another workspace for one of a foreigner', async () => {
      expect((await identify(world.people.member, 'T0ELSE')).person.foreign).toBe(true);
    });

    it('says that it knows no such person, which does not change by itself', async () => {
      await expect(identify('U0NOBODY')).rejects.toMatchObject({
        code: 'chat-unknown-person',
        retryable: false,
      });
    });

    it('says that it cannot be reached, and takes nobody for somebody without rights meanwhile', async () => {
      await world.goAway();
      await expect(identify(world.people.member)).rejects.toMatchObject({
        code: 'chat-unreachable',
        retryable: true,
      });
    });
  });
}
