import { describe, expect, it } from 'vitest';
import {
  encodeOrigin,
  encodeValue,
  inputIds,
  type ButtonValue,
} from '../../../src/bot/payload/action-ids.ts';
import { createGateway } from '../../../src/bot/connection/gateway.ts';
import { onClick } from '../../../src/bot/listeners/clicks.ts';
import { onCommand } from '../../../src/bot/command/on-command.ts';
import {
  createInteractionHandler,
  type InteractionHandler,
} from '../../../src/bot/listeners/interaction-handler.ts';
import { readSubmission } from '../../../src/bot/listeners/submissions.ts';
import type { DecisionRequest } from '../../../src/reboot/approval/decision-request.ts';
import type {
  Decisions,
  DecisionResult,
  StatusAnswer,
} from '../../../src/reboot/ports/decisions/decisions.ts';
import type { ManyResult } from '../../../src/reboot/ports/decisions/many-decisions.ts';
import { PortError, type PortErrorCode } from '../../../src/reboot/ports/port-error.ts';
import { hour } from '../../../src/reboot/time/time.ts';
import { type FakeDirectory, fakeDirectory } from '../../fakes/ports/fake-directory.ts';
import { noDecisions } from '../../fakes/no-decisions.ts';
import { liveViews } from '../../fakes/live-views.ts';
import { noHome } from '../../fakes/no-home.ts';
import { silentLogger } from '../../fakes/silent-logger.ts';
import { noon } from '../../fakes/builders.ts';
import { cardReboot } from '../fixtures/cards.ts';
import type { MessageView } from '../../../src/bot/blocks/blocks.ts';
import { encodeList } from '../../../src/bot/payload/list-value.ts';
import { aList } from '../fixtures/lists.ts';
import { createRecorder, type Recorder } from '../recorder.ts';
import { type FakeClock, fakeClock } from '../../fakes/fake-clock.ts';

interface Bench {
  readonly time: FakeClock;
  readonly slack: Recorder;
  readonly handler: InteractionHandler;
  readonly directory: FakeDirectory;
  readonly asked: { readonly reboot: string; readonly request: DecisionRequest; readonly person: string }[];
  readonly lists: { readonly id: string; readonly person: string }[];
  result: DecisionResult | Error;
  many: ManyResult;
  status: StatusAnswer;
  notes(): string[];
  /** Whether Slack takes what is shown in place of a message. */
  takesReplacement: boolean;
  readonly replaced: string[];
  readonly replace: (view: MessageView) => Promise<boolean>;
}

const reboot = cardReboot({
  chat: { replies: {}, card: { channel: 'C0REBOOTS', ts: '1.000100', hash: 'h' } },
});
const row = { reboot, phase: 'Pending', blockers: [], approvalsNeeded: 1 } as const;

const decidedMany: ManyResult = {
  ok: true,
  request: { kind: 'approve', mode: 'now' },
  nodes: 11,
  refused: 1,
  refusals: [{ node: 'worker-2', sentence: 'The packages of worker-2 changed since you looked.' }],
  approvalsMissing: 0,
  repeated: false,
};

function bench(): Bench {
  const time = fakeClock();
  const slack = createRecorder(time);
  const gateway = createGateway({
    api: slack,
    clock: time,
    sleep: time.sleep,
    random: () => 0.5,
    signal: new AbortController().signal,
  });
  const asked: Bench['asked'] = [];
  const lists: { readonly id: string; readonly person: string }[] = [];
  const all = {
    result: { ok: true, reboot, approvalsMissing: 0 } as DecisionResult | Error,
    status: {
      ok: true,
      status: { cluster: 'prod-eu', nodes: 3, quiet: 2, rows: [row], pauses: [], heardAt: noon, now: noon },
    } as StatusAnswer,
    many: decidedMany,
    takesReplacement: true,
  };
  const replaced: string[] = [];
  const replace = async (view: MessageView): Promise<boolean> => {
    if (all.takesReplacement) replaced.push(view.text);
    return all.takesReplacement;
  };
  const decisions: Decisions = {
    ...noDecisions,
    decide: async (name, request, person) => {
      asked.push({ reboot: name, request, person: person.id });
      if (all.result instanceof Error) throw all.result;
      return all.result;
    },
    status: async () => all.status,
    propose: async ({ target }) =>
      target === 'worker-03'
        ? { ok: true, of: 'node', node: target, channel: 'C0REBOOTS' }
        : { ok: true, of: 'list', list: aList },
    decideList: async (id, person) => {
      lists.push({ id, person: person.id });
      return all.many;
    },
    details: async (name) =>
      name === reboot.name ? { cluster: 'prod-eu', reboot, blockers: [], earlier: [] } : undefined,
  };
  const directory = fakeDirectory();
  const handler = createInteractionHandler({
    clusters: new Map([['prod-eu', decisions]]),
    directory,
    gateway,
    home: noHome,
    live: liveViews(time),
    clock: time,
    logger: silentLogger,
    logOf: () => silentLogger,
    isAppShared: () => false,
    examine: async () => [],
  });
  const notes = (): string[] => slack.of('chat.postEphemeral').map((call) => String(call.args['text']));
  return Object.assign(all, { time, slack, directory, handler, asked, lists, notes, replaced, replace });
}

const value: ButtonValue = { cluster: 'prod-eu', reboot: reboot.name, node: 'worker-03', seen: '4f1c9a77' };

const click = (all: Bench, action: string, what: { value?: string; threadTs?: string } = {}): Promise<void> =>
  all.time.until(
    onClick(
      all.handler,
      {
        user: { id: 'U0MIA', team_id: 'T0' },
        trigger_id: 'trigger',
        channel: { id: 'C0REBOOTS' },
        message: { ts: '1.000100', ...(what.threadTs ? { thread_ts: what.threadTs } : {}) },
        actions: [{ action_id: action, value: what.value ?? encodeValue(value) }],
      },
      all.replace,
    ),
  );

describe('a click', () => {
  it.each([
    ['tugboot.approve-now', { kind: 'approve', mode: 'now', digest: '4f1c9a77' }],
    ['tugboot.approve-window', { kind: 'approve', mode: 'window', digest: '4f1c9a77' }],
    ['tugboot.ask-again', { kind: 'ask-again' }],
    ['tugboot.cancel', { kind: 'cancel' }],
    ['tugboot.retry', { kind: 'retry' }],
    ['tugboot.skip', { kind: 'skip' }],
  ])('on %s hands in the decision, with what was seen', async (action, request) => {
    const all = bench();
    await click(all, action);
    expect(all.asked).toEqual([{ reboot: reboot.name, request, person: 'U0MIA' }]);
    expect(all.notes()).toEqual([]);
  });

  it.each([
    ['tugboot.snooze', 'tugboot.view.snooze'],
    ['tugboot.deny', 'tugboot.view.deny'],
    ['tugboot.force', 'tugboot.view.force'],
  ])('on %s opens its modal before anything else', async (action, id) => {
    const all = bench();
    await click(all, action);
    expect(all.slack.calls.map((call) => call.method)).toEqual(['views.open']);
    expect(all.slack.calls[0]?.args).toMatchObject({ trigger_id: 'trigger', view: { callback_id: id } });
    expect(all.asked).toEqual([]);
  });

  it('on Details opens at once and fills in what the cluster knows', async () => {
    const all = bench();
    await click(all, 'tugboot.details');
    expect(all.slack.calls.map((call) => call.method)).toEqual(['views.open', 'views.update']);
    expect(JSON.stringify(all.slack.calls[1]?.args)).toContain('linux-image-6.8.0-49-generic');
  });

  it('on Details says so when the Reboot is gone', async () => {
    const all = bench();
    await click(all, 'tugboot.details', { value: encodeValue({ ...value, reboot: 'old' }) });
    expect(JSON.stringify(all.slack.calls[1]?.args)).toContain('is not kept any more');
  });

  it('that is refused is answered privately with the reason', async () => {
    const all = bench();
    all.result = { ok: false, rejection: { code: 'not-allowed', sentence: 'You cannot approve this one.' } };
    await click(all, 'tugboot.approve-now');
    expect(all.notes()).toEqual(['You cannot approve this one.']);
    expect(all.slack.of('chat.postEphemeral')[0]?.args).toMatchObject({
      channel: 'C0REBOOTS',
      user: 'U0MIA',
    });
  });

  it('whose effect is delayed is answered privately with the reason', async () => {
    const all = bench();
    all.result = { ok: true, reboot, approvalsMissing: 0, delayed: 'It is carried out later.' };
    await click(all, 'tugboot.approve-now');
    expect(all.notes()).toEqual(['It is carried out later.']);
  });

  it('is answered where it was made: beside the card, or in the thread', async () => {
    const all = bench();
    all.result = { ok: false, rejection: { code: 'too-late', sentence: 'Too late.' } };
    await click(all, 'tugboot.cancel');
    await click(all, 'tugboot.cancel', { threadTs: '1.000100' });
    await click(all, 'tugboot.cancel', { threadTs: '0.000001' });
    expect(all.slack.of('chat.postEphemeral').map((call) => call.args['thread_ts'])).toEqual([
      undefined,
      undefined,
      '0.000001',
    ]);
  });

  it.each([
    'cluster-unreachable',
    'cluster-refused',
    'cluster-invalid',
    'chat-unreachable',
    'chat-refused',
    'queue-unreachable',
    'conflict',
  ] satisfies PortErrorCode[])('is answered in words when something fails: %s', async (code) => {
    const all = bench();
    all.result = new PortError(code, 'GET https://10.0.0.1 refused', { retryable: true });
    await click(all, 'tugboot.approve-now');
    expect(all.notes()).toHaveLength(1);
    expect(all.notes()[0]).not.toContain('10.0.0.1');
  });

  it('is answered when something nobody thought of fails', async () => {
    const all = bench();
    all.result = new TypeError('x is not a function');
    await click(all, 'tugboot.approve-now');
    expect(all.notes()[0]).toContain('Something went wrong inside Tugboot');
  });

  it('on the card of another cluster says whose it is', async () => {
    const all = bench();
    await click(all, 'tugboot.approve-now', { value: encodeValue({ ...value, cluster: 'prod-us' }) });
    expect(all.notes()[0]).toContain(
      'Cluster prod-us is not in the configuration of this Tugboot, which serves prod-eu.',
    );
    expect(all.asked).toEqual([]);
  });

  it('on a button that nobody knows, or with a value that nobody wrote, is answered', async () => {
    const all = bench();
    await click(all, 'tugboot.reboot-everything');
    await click(all, 'tugboot.approve-now', { value: '{"v":1,"cluster":"prod-eu"}' });
    expect(all.notes()).toEqual([
      expect.stringContaining('not known here'),
      expect.stringContaining('its reboot is wrong'),
    ]);
    expect(all.asked).toEqual([]);
  });

  it('whose modal does not open in time is answered', async () => {
    const all = bench();
    all.slack.fail('views.open', { error: 'expired_trigger_id' });
    await click(all, 'tugboot.deny');
    expect(all.notes()[0]).toContain('click again');
  });
});

describe('a modal', () => {
  const submission = (
    id: string,
    values: Record<string, unknown>,
    metadata = encodeOrigin(value, { channel: 'C0REBOOTS' }),
  ) => ({
    user: { id: 'U0MIA', team_id: 'T0' },
    view: {
      callback_id: id,
      private_metadata: metadata,
      state: {
        values: values as Record<
          string,
          Record<string, { value?: string; selected_option?: { value: string } }>
        >,
      },
    },
  });
  const reason = (text: string) => ({ [inputIds.reason]: { [inputIds.reason]: { value: text } } });
  const until = (choice: string) => ({
    [inputIds.until]: { [inputIds.until]: { selected_option: { value: choice } } },
  });

  async function submitModal(all: Bench, payload: ReturnType<typeof submission>): Promise<void> {
    const read = readSubmission(all.handler, payload);
    if (!read.ok) throw new Error(JSON.stringify(read.errors));
    await all.time.until(read.execute());
  }

  it('hands in the denial with its reason', async () => {
    const all = bench();
    await submitModal(all, submission('tugboot.view.deny', reason(' not on a Sunday ')));
    expect(all.asked[0]?.request).toEqual({ kind: 'deny', reason: 'not on a Sunday' });
  });

  it('hands in the force with its reason', async () => {
    const all = bench();
    await submitModal(all, submission('tugboot.view.force', reason('db is down anyway')));
    expect(all.asked[0]?.request).toEqual({ kind: 'force', reason: 'db is down anyway' });
  });

  it.each([
    ['1h', noon + hour],
    ['4h', noon + 4 * hour],
    // 12:00 UTC is 13:00 in Berlin; 20:00 there is 19:00 UTC, and the next 9:00 is 8:00 UTC tomorrow.
    ['tonight', Date.UTC(2026, 10, 22, 19)],
    ['morning', Date.UTC(2026, 10, 23, 8)],
    ['window', noon + 38 * hour],
  ])('snoozes for %s', async (choice, expected) => {
    const all = bench();
    const metadata = encodeOrigin({ ...value, opens: noon + 38 * hour }, { channel: 'C0REBOOTS' });
    await submitModal(all, submission('tugboot.view.snooze', until(choice), metadata));
    expect(all.asked[0]?.request).toEqual({ kind: 'snooze', until: expected });
  });

  const pick = (end: number) => ({
    ...until('1h'),
    [inputIds.at]: { [inputIds.at]: { selected_date_time: end / 1000 } },
  });

  it('snoozes until the picked time instead of a choice', async () => {
    const all = bench();
    await submitModal(all, submission('tugboot.view.snooze', pick(noon + 50 * hour)));
    expect(all.asked[0]?.request).toEqual({ kind: 'snooze', until: noon + 50 * hour });
  });

  it.each([
    ['has passed', noon - hour, /has passed/],
    ['is too late', noon + 721 * hour, /30 d at most/],
  ])('stays open when the picked time %s', (_, end, sentence) => {
    const { handler } = bench();
    expect(readSubmission(handler, submission('tugboot.view.snooze', pick(end)))).toMatchObject({
      ok: false,
      errors: { [inputIds.at]: expect.stringMatching(sentence) as string },
    });
  });

  it('leaves a time of day to the pool where the zone of the person is not known', async () => {
    const all = bench();
    all.directory.timeZone = undefined;
    await submitModal(all, submission('tugboot.view.snooze', until('tonight')));
    expect(all.asked[0]?.request).toEqual({ kind: 'snooze', until: 'tonight' });
  });

  it('stays open and says what is missing', () => {
    const { handler } = bench();
    expect(readSubmission(handler, submission('tugboot.view.deny', reason('  ')))).toMatchObject({
      ok: false,
    });
    expect(readSubmission(handler, submission('tugboot.view.snooze', until('for ever')))).toMatchObject({
      ok: false,
    });
    const opened = encodeOrigin({ ...value, opens: noon - hour }, { channel: 'C0REBOOTS' });
    expect(readSubmission(handler, submission('tugboot.view.snooze', until('window'), opened))).toMatchObject(
      { ok: false, errors: { [inputIds.until]: 'That window has opened already.' } },
    );
    expect(readSubmission(handler, submission('tugboot.view.snooze', until('window')))).toMatchObject({
      ok: false,
    });
    expect(readSubmission(handler, submission('tugboot.view.deny', reason('x'), 'garbage'))).toMatchObject({
      ok: false,
    });
    expect(readSubmission(handler, submission('tugboot.view.nobody', reason('x')))).toMatchObject({
      ok: false,
    });
  });
});

describe('the command', () => {
  const type = (all: Bench, text: string, channel = 'C0REBOOTS'): Promise<string> =>
    all.time
      .until(
        onCommand(
          all.handler,
          { command: '/reboot', text, user_id: 'U0MIA', team_id: 'T0', channel_id: channel },
          () => undefined,
        ),
      )
      .then((view) => view.text);

  it('without words shows the status', async () => {
    const all = bench();
    expect(await type(all, '')).toContain('prod-eu');
    expect(await type(all, 'STATUS')).toContain('prod-eu');
  });

  it('says what it does not know, and what was probably meant', async () => {
    const all = bench();
    expect(await type(all, 'aprove worker-03')).toContain('Did you mean `/reboot approve`');
    all.status = { ok: false, sentence: 'I do not know a node "wroker-03". Did you mean worker-03?' };
    expect(await type(all, 'status wroker-03')).toContain('Did you mean worker-03?');
  });

  it.each([
    [
      'approve worker-03',
      { kind: 'approve', mode: 'now', digest: '4f1c9a77' },
      'You approved worker-03, to reboot now. Its card says what happens next.',
    ],
    [
      'approve worker-03 window',
      { kind: 'approve', mode: 'window', digest: '4f1c9a77' },
      'You approved worker-03, for the window. Its card says what happens next.',
    ],
    ['snooze worker-03', { kind: 'snooze', until: noon + 4 * hour }, 'worker-03 asks again in 4 h.'],
    [
      'snooze worker-03 tonight',
      { kind: 'snooze', until: Date.UTC(2026, 10, 22, 19) },
      'worker-03 asks again on Sun 22 Nov at 20:00 (Europe/Berlin).',
    ],
    [
      'snooze worker-03 until fri 18:00',
      { kind: 'snooze', until: Date.UTC(2026, 10, 27, 17) },
      'worker-03 asks again on Fri 27 Nov at 18:00 (Europe/Berlin).',
    ],
    [
      'snooze worker-03 next-window',
      { kind: 'snooze', until: 'next-window' },
      'worker-03 asks again when its next window opens.',
    ],
    ['snooze worker-03 30d', { kind: 'snooze', until: noon + 720 * hour }, 'worker-03 asks again in 30 d.'],
    [
      'deny worker-03 release &lt;day&gt; &amp; night',
      { kind: 'deny', reason: 'release <day> & night' },
      'You denied the reboot of worker-03.',
    ],
  ])('decides by name: %s', async (text, request, answer) => {
    const all = bench();
    expect(await type(all, text)).toBe(answer);
    expect(all.asked.map((asked) => asked.request)).toEqual([request]);
  });

  it.each([
    'approve worker-03 tomorrow',
    'snooze worker-03 soon',
    'snooze worker-03 0h',
    'snooze worker-03 31d',
    'snooze worker-03 until',
    'snooze worker-03 until some day',
    'snooze worker-03 until 2026-11-01',
    'snooze worker-03 until 2027-11-01',
    'deny worker-03',
    'approve',
  ])('asks again when it is not clear: %s', async (text) => {
    const all = bench();
    await type(all, text);
    expect(all.asked).toEqual([]);
  });

  it('decides only in the channel that has the card, where those who may are', async () => {
    const all = bench();
    expect(await type(all, 'approve worker-03', 'C0ELSEWHERE')).toContain('in the channel that has its card');
    expect(all.asked).toEqual([]);
  });

  it('tells why a decision was refused', async () => {
    const all = bench();
    all.result = { ok: false, rejection: { code: 'not-allowed', sentence: 'You cannot approve this one.' } };
    expect(await type(all, 'approve worker-03')).toBe('You cannot approve this one.');
  });

  it('answers in words when the cluster is away', async () => {
    const all = bench();
    all.result = new PortError('cluster-unreachable', 'connect ECONNREFUSED', { retryable: true });
    expect(await type(all, 'approve worker-03')).toContain('cannot be reached');
  });

  it.each([
    ['wake worker-03', { kind: 'ask-again' }, 'You asked again about worker-03.'],
    ['cancel worker-03', { kind: 'cancel' }, 'You cancelled the reboot of worker-03.'],
    ['retry worker-03', { kind: 'retry' }, 'You retried worker-03. Its card shows how far it is.'],
    ['skip worker-03', { kind: 'skip' }, 'You gave the reboot of worker-03 up.'],
    [
      'force worker-03 nobody needs it',
      { kind: 'force', reason: 'nobody needs it' },
      'You forced the drain of worker-03: the pods that are left are deleted.',
    ],
  ])('does what the button does: %s', async (text, request, answer) => {
    const all = bench();
    expect(await type(all, text)).toBe(answer);
    expect(all.asked.map((asked) => asked.request)).toEqual([request]);
  });

  it('lists what is typed for many, and decides nothing', async () => {
    const all = bench();
    expect(await type(all, 'approve workers')).toContain('Approve 12 nodes for now');
    expect([...all.asked, ...all.lists]).toEqual([]);
  });
});

describe('the button below a list', () => {
  const press = (all: Bench, text: string): Promise<void> =>
    click(all, 'tugboot.list.decide', { value: text });
  const button = encodeList({ cluster: 'prod-eu', list: 'abc' });

  it('decides on the stored list, and says on how many, and on which not', async () => {
    const all = bench();
    await press(all, button);
    expect(all.lists).toEqual([{ id: 'abc', person: 'U0MIA' }]);
    const said =
      'You approved 11 nodes, for now. Not on 1 node: • worker-2: The packages of worker-2 changed since you looked.';
    expect(all.replaced).toEqual([said]);
    expect(all.notes()).toEqual([]);
    all.takesReplacement = false;
    await press(all, button);
    expect(all.notes()).toEqual([said]);
  });

  it('is answered when it is refused, cannot be read, or is of another cluster', async () => {
    const all = bench();
    all.many = { ok: false, rejection: { code: 'unknown-digest', sentence: 'This list is too old.' } };
    await press(all, button);
    await press(all, 'nonsense');
    await press(all, encodeList({ cluster: 'test', list: 'abc' }));
    expect(all.replaced).toEqual([]);
    expect(all.notes()).toEqual([
      'This list is too old.',
      'This button cannot be read, so nothing was done. Type the command again.',
      expect.stringContaining('Cluster test is not in the configuration'),
    ]);
  });
});

describe('a click on a message of a cluster that is not served', () => {
  const blocks = [
    { type: 'section', text: { type: 'mrkdwn', text: 'worker-03 asks' }, accessory: { type: 'button' } },
    { type: 'actions', elements: [] },
  ];
  const clickOn = (all: Bench, handler = all.handler): Promise<void> =>
    all.time.until(
      onClick(
        handler,
        {
          user: { id: 'U0MIA', team_id: 'T0' },
          trigger_id: 'trigger',
          channel: { id: 'C0REBOOTS' },
          message: { ts: '1.000100', text: 'worker-03 asks', blocks },
          actions: [
            { action_id: 'tugboot.approve-now', value: encodeValue({ ...value, cluster: 'prod-us' }) },
          ],
        },
        all.replace,
      ),
    );

  it('is answered, and takes the buttons away', async () => {
    const all = bench();
    await clickOn(all);
    expect(all.notes()).toEqual([expect.stringContaining('Cluster prod-us is not in the configuration')]);
    const [edit] = all.slack.of('chat.update');
    expect(edit?.args).toMatchObject({ channel: 'C0REBOOTS', ts: '1.000100' });
    const shown = JSON.stringify(edit?.args['blocks']);
    expect(shown).not.toMatch(/button|actions/u);
    expect(shown).toMatch(/worker-03 asks.*does not serve cluster prod-us any more/u);
  });

  it('leaves them while another program uses the app, which may serve that cluster', async () => {
    const all = bench();
    await clickOn(all, { ...all.handler, isAppShared: () => true });
    expect(all.notes()).toEqual([expect.stringContaining('Another program uses the same Slack app')]);
    expect(all.slack.of('chat.update')).toEqual([]);
  });
});
