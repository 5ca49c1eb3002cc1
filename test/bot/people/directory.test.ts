import { fileURLToPath } from 'node:url';
import { LogLevel, WebClient } from '@slack/web-api';
import { describe, expect, it } from 'vitest';
import { startSlack } from '../../../demo/slack/slack.ts';
import { createDirectory, type Directory } from '../../../src/bot/people/directory.ts';
import { createGateway } from '../../../src/bot/connection/gateway.ts';
import { sentenceFor } from '../../../src/reboot/ports/port-error-words.ts';
import { minute } from '../../../src/reboot/time/time.ts';
import { directoryContract } from '../../contracts/directory-contract.ts';
import { silentLogger } from '../../fakes/silent-logger.ts';
import { createRecorder, type Recorder } from '../recorder.ts';
import { type FakeClock, fakeClock } from '../../fakes/fake-clock.ts';

const pageDirectory = fileURLToPath(new URL('../../../demo/slack/page/', import.meta.url));

interface Bench {
  readonly time: FakeClock;
  readonly slack: Recorder;
  readonly directory: Directory;
}

function bench(user: Record<string, unknown> = {}, enterpriseId?: string): Bench {
  const time = fakeClock();
  const slack = createRecorder(time);
  slack.answer('users.info', ({ user: id }) => ({
    ok: true,
    user: {
      id,
      name: 'mia.k',
      team_id: 'T0',
      tz: 'Europe/Berlin',
      profile: { display_name: 'mia' },
      ...user,
    },
  }));
  slack.answer('usergroups.users.list', ({ usergroup }) => ({
    ok: true,
    users: usergroup === 'S0SRE' ? ['U0MIA'] : [],
  }));
  slack.answer('conversations.members', ({ cursor }) =>
    cursor === undefined
      ? { ok: true, members: ['U0LEE'], response_metadata: { next_cursor: 'page-2' } }
      : { ok: true, members: ['U0MIA'], response_metadata: { next_cursor: '' } },
  );
  const gateway = createGateway({
    api: slack,
    clock: time,
    sleep: time.sleep,
    random: () => 0.5,
    signal: new AbortController().signal,
  });
  const directory = createDirectory({
    gateway,
    clock: time,
    logger: silentLogger,
    workspace: () => ({ teamId: 'T0', ...(enterpriseId ? { enterpriseId } : {}) }),
    approverGroups: () => ['S0SRE', 'S0DBA', 'S0SRE'],

    approverChannels: () => ['C0OPS'],
  });
  return { time, slack, directory };
}

describe('a person', () => {
  it('is known by id, with the groups that the policy names', async () => {
    const { time, directory } = bench();
    expect(await time.until(directory.identify('U0MIA', 'T0'))).toEqual({
      person: {
        id: 'U0MIA',
        name: 'mia',
        groups: ['S0SRE'],
        channels: ['C0OPS'],
        guest: false,
        bot: false,
        deactivated: false,
        foreign: false,
      },
      timeZone: 'Europe/Berlin',
    });
  });

  it.each([
    ['guest', { is_restricted: true }],
    ['guest', { is_ultra_restricted: true }],
    ['bot', { is_bot: true }],
    ['deactivated', { deleted: true }],
    ['foreign', { is_stranger: true }],
    ['foreign', { team_id: 'T9' }],
  ] as const)('is %s when Slack says so: %o', async (what, user) => {
    const { time, directory } = bench(user);
    const { person } = await time.until(directory.identify('U0MIA', 'T0'));
    expect(person[what]).toBe(true);
  });

  it('is foreign when the click came from another workspace', async () => {
    const { time, directory } = bench();
    expect((await time.until(directory.identify('U0MIA', 'T9'))).person.foreign).toBe(true);
  });

  it('is at home in every workspace of the organisation that the bot is installed in', async () => {
    const { time, directory } = bench({ team_id: 'T7', enterprise_user: { enterprise_id: 'E0' } }, 'E0');
    expect((await time.until(directory.identify('U0MIA', 'T7'))).person.foreign).toBe(false);
  });
});

describe('asking Slack', () => {
  it('is shared by those who ask at once, and spared for minutes', async () => {
    const { time, slack, directory } = bench();
    await time.until(Promise.all([directory.identify('U0MIA'), directory.identify('U0MIA')]));
    await time.until(directory.identify('U0MIA'));
    expect(slack.calls.map((call) => call.method).sort()).toEqual([
      'conversations.members',
      'conversations.members',
      'usergroups.users.list',
      'usergroups.users.list',
      'users.info',
    ]);
  });

  it('is repeated when what is known is old: membership sooner than names', async () => {
    const { time, slack, directory } = bench();
    await time.until(directory.identify('U0MIA'));
    await time.pass(3 * minute);
    slack.answer('usergroups.users.list', () => ({ ok: true, users: [] }));
    expect((await time.until(directory.identify('U0MIA'))).person.groups).toEqual([]);
    expect(slack.of('users.info')).toHaveLength(1);
    await time.pass(3 * minute);
    await time.until(directory.identify('U0MIA'));
    expect(slack.of('users.info')).toHaveLength(2);
  });

  it('does not remember a failure', async () => {
    const { time, slack, directory } = bench();
    slack.fail('users.info', { error: 'account_inactive' });
    await expect(time.until(directory.identify('U0MIA'))).rejects.toMatchObject({ code: 'chat-refused' });
    expect((await time.until(directory.identify('U0MIA'))).person.name).toBe('mia');
  });

  it.each(['user_not_found', 'user_not_visible'])(
    'blames no right when the person is unknown: %s',
    async (error) => {
      const { time, slack, directory } = bench();
      slack.fail('users.info', { error });
      await expect(time.until(directory.identify('U0GONE'))).rejects.toMatchObject({
        code: 'chat-unknown-person',
      });
      expect(sentenceFor({ code: 'chat-unknown-person', message: '' })).not.toMatch(/right/);
    },
  );

  it('gives nobody the rights of a group that does not exist, and keeps those of the others', async () => {
    const { time, slack, directory } = bench();
    slack.answer('usergroups.users.list', () => ({ ok: true, users: ['U0MIA'] }));
    slack.fail('usergroups.users.list', { error: 'no_such_subteam' });
    expect((await time.until(directory.identify('U0MIA'))).person.groups).toEqual(['S0DBA']);
  });

  it('gives nobody the rights of a channel that the app cannot read', async () => {
    const { time, slack, directory } = bench();
    slack.fail('conversations.members', { error: 'channel_not_found' });
    expect((await time.until(directory.identify('U0MIA'))).person).toMatchObject({
      groups: ['S0SRE'],
      channels: [],
      unknownChannels: ['C0OPS'],
    });
  });

  it('stops at some thousand members of a channel, which is no list of approvers', async () => {
    const { time, slack, directory } = bench();
    slack.answer('conversations.members', () => ({
      ok: true,
      members: ['U0LEE'],
      response_metadata: { next_cursor: 'more' },
    }));
    expect((await time.until(directory.identify('U0MIA'))).person.channels).toEqual([]);
    expect(slack.of('conversations.members')).toHaveLength(25);
  });

  it('fails rather than decide without knowing the groups', async () => {
    const { time, slack, directory } = bench();
    slack.fail('usergroups.users.list', ...Array.from({ length: 12 }, () => 'unreachable' as const));
    await expect(time.until(directory.identify('U0MIA'))).rejects.toMatchObject({ code: 'chat-unreachable' });
  });
});

directoryContract('Slack, over HTTP', async () => {
  const slack = await startSlack({ pageDirectory });
  const stopping = new AbortController();
  const web = new WebClient(slack.botToken, {
    slackApiUrl: slack.apiUrl,
    retryConfig: { retries: 0 },
    logLevel: LogLevel.ERROR,
  });
  const time = fakeClock();
  const gateway = createGateway({
    api: { call: async (method, args) => ({ ...(await web.apiCall(method, args)) }) },
    clock: time,
    // Pauses between tries pass on the clock alone: what they wait for does not come back.
    sleep: async (ms) => time.advance(ms),
    random: () => 0.5,
    signal: stopping.signal,
  });
  return {
    directory: createDirectory({
      gateway,
      clock: time,
      logger: silentLogger,
      workspace: () => ({ teamId: slack.teamId }),
      approverGroups: () => [slack.usergroups.onCall],

      approverChannels: () => [slack.channel.id],
    }),
    team: slack.teamId,
    group: slack.usergroups.onCall,
    channel: slack.channel.id,
    people: {
      member: slack.users.mia,
      nonMember: slack.users.sam,
      guest: slack.users.gio,
      stranger: slack.users.kim,
      left: 'U0OLD',
    },
    goAway: async () => slack.faults.add({ method: '*', times: Infinity, do: 'reset' }),
    run: (work) => work,
    async close() {
      stopping.abort();
      await slack.close();
    },
  };
});
