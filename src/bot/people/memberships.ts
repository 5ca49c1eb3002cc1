/** Who is in the user groups and channels whose members may approve, with a cache of minutes. */
import { z } from 'zod';
import type { Logger } from '../../reboot/ports/logger.ts';
import { PortError } from '../../reboot/ports/port-error.ts';
import { type Clock, type Millis, minute } from '../../reboot/time/time.ts';
import { sharedReadings } from '../../timing/shared-readings.ts';
import type { Gateway } from '../connection/gateway.ts';
import { readAnswer } from '../connection/read-answer.ts';

export interface MembershipOptions {
  readonly gateway: Gateway;
  readonly clock: Clock;
  readonly logger: Logger;
  /** User groups whose members may approve. */
  readonly approverGroups: () => readonly string[];
  /** Channels whose members may approve. */
  readonly approverChannels: () => readonly string[];
}

/** Of the named groups and channels, those that a person belongs to. */
export interface Memberships {
  groupsOf(userId: string): Promise<readonly string[]>;
  channelsOf(userId: string): Promise<readonly string[]>;
  /** Channels whose members Slack does not tell. */
  unknownChannels(): readonly string[];
}

/**
 * Membership of a group or channel grants the right to approve, so that its cache is shorter; the method for
 * groups allows 20 calls a minute.
 */
const memberLifetime: Millis = 2 * minute;
/** Slack recommends at most 200, and takes fewer than 1000 (conversations.members, limit). */
const membersOnPage = 200;
/** Beyond it nobody further is found: such a channel is no list of approvers. */
const mostPages = 25;

const groupAnswer = z.object({ users: z.array(z.string()) });
const membersAnswer = z.object({
  members: z.array(z.string()),
  response_metadata: z.object({ next_cursor: z.string().optional() }).optional(),
});

export function createMemberships(options: MembershipOptions): Memberships {
  const { gateway, clock, logger } = options;
  const groups = sharedReadings<readonly string[]>(clock, memberLifetime);
  const channels = sharedReadings<readonly string[]>(clock, memberLifetime);
  const unknown = new Set<string>();

  /** A group or channel that cannot be read approves nothing; it must not lock out the other approvers. */
  const orNobody = async (
    what: Readonly<Record<string, string>>,
    work: Promise<readonly string[]>,
  ): Promise<readonly string[]> => {
    try {
      return await work;
    } catch (error) {
      if (!(error instanceof PortError) || error.retryable) throw error;
      logger.error('cannot read who may approve', { ...what, err: error });
      return [];
    }
  };

  const fetchGroup = async (usergroup: string): Promise<readonly string[]> => {
    const method = 'usergroups.users.list';
    return readAnswer(method, groupAnswer, await gateway.call(method, { usergroup })).users;
  };

  const fetchMembers = async (channel: string): Promise<readonly string[]> => {
    const method = 'conversations.members';
    const found: string[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < mostPages; page += 1) {
      const args = { channel, limit: membersOnPage, ...(cursor ? { cursor } : {}) };
      const answer = readAnswer(method, membersAnswer, await gateway.call(method, args));
      found.push(...answer.members);
      cursor = answer.response_metadata?.next_cursor;
      if (!cursor) return found;
    }
    logger.warn('channel has more members than are read', { channel, members: found.length });
    return found;
  };

  const groupsOf = those(options.approverGroups, (group) =>
    groups.read(group, () => orNobody({ group }, fetchGroup(group))),
  );
  const channelsOf = those(options.approverChannels, (channel) =>
    channels.read(channel, () => orNobody({ channel }, known(channel))),
  );

  const known = async (channel: string): Promise<readonly string[]> => {
    try {
      const members = await fetchMembers(channel);
      unknown.delete(channel);
      return members;
    } catch (error) {
      unknown.add(channel);
      throw error;
    }
  };

  return {
    groupsOf,
    channelsOf,
    unknownChannels: () => options.approverChannels().filter((channel) => unknown.has(channel)),
  };
}

/** Those of the named groups or channels that a person belongs to. */
const those =
  (named: () => readonly string[], membersOf: (id: string) => Promise<readonly string[]>) =>
  async (userId: string): Promise<string[]> => {
    const ids = [...new Set(named())];
    const members = await Promise.all(ids.map(membersOf));
    return ids.filter((_, nth) => members[nth]?.includes(userId));
  };
