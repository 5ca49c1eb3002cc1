/** Buttons and modals of a pool digest: what is decided, and what the person hears. */
import { describe, expect, it } from 'vitest';
import { filterIds, inputIds } from '../../../src/bot/payload/action-ids.ts';
import { createGateway } from '../../../src/bot/connection/gateway.ts';
import {
  encodeDigest,
  encodeDigestOrigin,
  type MemberFilter,
} from '../../../src/bot/payload/digest-values.ts';
import { onClick } from '../../../src/bot/listeners/clicks.ts';
import { createInteractionHandler } from '../../../src/bot/listeners/interaction-handler.ts';
import { readSubmission } from '../../../src/bot/listeners/submissions.ts';
import { suggest } from '../../../src/bot/listeners/suggestions.ts';
import type { Decisions } from '../../../src/reboot/ports/decisions/decisions.ts';
import type {
  ManyDecision,
  ManyResult,
  MembersAnswer,
} from '../../../src/reboot/ports/decisions/many-decisions.ts';
import { PortError } from '../../../src/reboot/ports/port-error.ts';
import { fakeDirectory } from '../../fakes/ports/fake-directory.ts';
import { noDecisions } from '../../fakes/no-decisions.ts';
import { liveViews } from '../../fakes/live-views.ts';
import { noHome } from '../../fakes/no-home.ts';
import { silentLogger } from '../../fakes/silent-logger.ts';
import { aMember } from '../fixtures/digests.ts';
import { createRecorder } from '../recorder.ts';
import { fakeClock } from '../../fakes/fake-clock.ts';

const value = { cluster: 'prod-eu', pool: 'workers', id: 'workers-1', revision: 3 };
const origin = { channel: 'C0REBOOTS' };
const done: ManyResult = {
  ok: true,
  request: { kind: 'approve', mode: 'now' },
  pool: 'workers',
  nodes: 212,
  refused: 0,
  refusals: [],
  approvalsMissing: 0,
  repeated: false,
};

function bench(count = 2000) {
  const time = fakeClock();
  const slack = createRecorder(time);
  const gateway = createGateway({
    api: slack,
    clock: time,
    sleep: time.sleep,
    random: () => 0.5,
    signal: new AbortController().signal,
  });
  const asked: { readonly decision: ManyDecision; readonly person: string }[] = [];
  const answers = {
    result: done as ManyResult | Error,
    members: {
      ok: true,
      cluster: 'prod-eu',
      pool: 'workers',
      id: 'workers-1',
      revision: 3,
      latest: 3,
      members: Array.from({ length: count }, (_, nth) => aMember(nth + 1, { asks: nth !== 0 })),
      approveNowAllowed: true,
      concurrency: 8,
    } as MembersAnswer,
  };
  const decisions: Decisions = {
    ...noDecisions,
    decideAll: async (decision, person) => {
      asked.push({ decision, person: person.id });
      if (answers.result instanceof Error) throw answers.result;
      return answers.result;
    },
    digestMembers: async () => answers.members,
  };
  const handler = createInteractionHandler({
    clusters: new Map([['prod-eu', decisions]]),
    directory: fakeDirectory(),
    gateway,
    home: noHome,
    live: liveViews(time),
    clock: time,
    logger: silentLogger,
    logOf: () => silentLogger,
    isAppShared: () => false,
    examine: async () => [],
  });
  const user = { id: 'U0MIA', team_id: 'T0' };
  const metadata = (filter: MemberFilter = {}): string => encodeDigestOrigin({ value, origin, filter });
  const values = (inputs: Readonly<Record<string, unknown>>) =>
    Object.fromEntries(Object.entries(inputs).map(([id, input]) => [id, { [id]: input as object }]));
  const submission = (
    callback_id: string,
    inputs: Readonly<Record<string, unknown>>,
    filter?: MemberFilter,
  ) =>
    readSubmission(handler, {
      user,
      view: { callback_id, private_metadata: metadata(filter), state: { values: values(inputs) } },
    });
  return {
    time,
    slack,
    asked,
    answers,
    handler,
    submission,
    notes: (): string[] => slack.of('chat.postEphemeral').map(({ args }) => JSON.stringify(args['blocks'])),
    press: (action: string, text = encodeDigest(value)) =>
      time.until(
        onClick(
          handler,
          {
            user,
            trigger_id: 't',
            channel: { id: 'C0REBOOTS' },
            message: { ts: '1.1' },
            actions: [{ action_id: action, value: text }],
          },
          async () => false,
        ),
      ),
    pressInModal: (action: Readonly<Record<string, unknown>>, filter?: MemberFilter) =>
      time.until(
        onClick(
          handler,
          {
            user,
            trigger_id: 't',
            view: { id: 'V1', private_metadata: metadata(filter) },
            actions: [action as { action_id: string }],
          },
          async () => false,
        ),
      ),
    submit: async (id: string, inputs: Readonly<Record<string, unknown>>, filter?: MemberFilter) => {
      const read = submission(id, inputs, filter);
      if (!read.ok) throw new Error(JSON.stringify(read.errors));
      await time.until(read.execute());
    },
    shown: (): string => JSON.stringify(slack.of('views.update').at(-1)?.args['view'] ?? null),
    find: (text: string, filter?: MemberFilter) =>
      suggest(handler, {
        action_id: inputIds.nodes,
        value: text,
        view: { private_metadata: metadata(filter) },
      }),
  };
}

const picked = (id: string) => ({ selected_option: { value: id } });
const choosing = (inputs: Readonly<Record<string, unknown>> = {}) => ({
  [filterIds.text]: { value: null },
  [inputIds.extent]: picked('listed'),
  [inputIds.nodes]: { selected_options: [] },
  [inputIds.decision]: picked('approve-now'),
  [inputIds.atMost]: picked('*'),
  [inputIds.reason]: { value: null },
  ...inputs,
});
const choose = 'tugboot.view.digest-choose';

describe('the buttons of a pool digest', () => {
  it('decide for all that the revision shows, and the answer is private', async () => {
    const { press, asked, notes } = bench();
    await press('tugboot.digest.approve-now');
    await press('tugboot.digest.approve-window');
    expect(asked.map(({ decision }) => decision)).toEqual([
      { digest: 'workers-1', revision: 3, request: { kind: 'approve', mode: 'now' } },
      { digest: 'workers-1', revision: 3, request: { kind: 'approve', mode: 'window' } },
    ]);
    expect(notes()[0]).toContain('You approved 212 nodes of pool workers, for now.');
  });

  it('say why not, also when the cluster is another or does not answer', async () => {
    const { press, answers, notes } = bench();
    answers.result = { ok: false, rejection: { code: 'not-allowed', sentence: 'You cannot approve here.' } };
    await press('tugboot.digest.approve-now');
    answers.result = new PortError('cluster-unreachable', 'refused', { retryable: true });
    await press('tugboot.digest.approve-now');
    await press('tugboot.digest.approve-now', encodeDigest({ ...value, cluster: 'prod-us' }));
    await press('tugboot.digest.approve-now', 'nonsense');
    expect(notes()).toMatchObject([
      expect.stringContaining('You cannot approve here.'),
      expect.stringMatching(/cannot be reached|did not answer/),
      expect.stringContaining('this Tugboot, which serves prod-eu. Nothing was done.'),
      expect.stringContaining('This button cannot be read'),
    ]);
  });

  it('ask for a reason before all are denied, and for a time before all are snoozed', async () => {
    const { press, slack, submission, submit, asked } = bench();
    await press('tugboot.digest.deny');
    await press('tugboot.digest.snooze');
    expect(slack.of('views.open').map(({ args }) => JSON.stringify(args['view']))).toMatchObject([
      expect.stringContaining('tugboot.view.digest-deny'),
      expect.stringContaining('tugboot.view.digest-snooze'),
    ]);
    expect(submission('tugboot.view.digest-deny', { [inputIds.reason]: { value: ' ' } })).toMatchObject({
      ok: false,
      errors: { [inputIds.reason]: 'Say why: others will ask.' },
    });
    await submit('tugboot.view.digest-deny', { [inputIds.reason]: { value: 'not today' } });
    await submit('tugboot.view.digest-snooze', {
      [inputIds.until]: picked('4h'),
      [inputIds.reason]: { value: null },
    });
    expect(asked.map(({ decision }) => decision.request)).toMatchObject([
      { kind: 'deny', reason: 'not today' },
      { kind: 'snooze', until: expect.any(Number) as number },
    ]);
  });
});

describe('the modal in which nodes are chosen', () => {
  it('is opened before anything is read, and then lists the nodes, also two thousand', async () => {
    const { press, slack, shown } = bench();
    await press('tugboot.digest.choose');
    expect(slack.calls.map(({ method }) => method)).toEqual(['views.open', 'views.update']);
    expect(shown()).toContain('*1999 nodes* of pool workers in prod-eu ask.');
  });

  it('lists what a filter lets through, and keeps the others', async () => {
    const { pressInModal, shown } = bench();
    await pressInModal({ action_id: filterIds.zone, selected_option: { value: 'eu-1a' } });
    expect(shown()).toContain('*666 of 1999* match');
    await pressInModal({ action_id: filterIds.text, value: ' m7.large ' }, { zone: 'eu-1a' });
    expect(shown()).toContain('*333 of 1999* match');
    await pressInModal({ action_id: filterIds.zone, selected_option: { value: '*' } }, { zone: 'eu-1a' });
    expect(shown()).toContain('*1999 of 1999* match');
  });

  it('answers a search with at most a hundred of those that match', async () => {
    const { find } = bench();
    expect(await find('')).toHaveLength(100);
    expect(await find('worker-1999')).toMatchObject([{ text: { text: 'worker-1999 · eu-1b' } }]);
    expect(await find('worker-1999', { zone: 'eu-1a' })).toEqual([]);
    expect(await find('instance-type=m7.xlarge worker-77')).not.toHaveLength(0);
    for (const { value: key } of await find('')) expect(key?.length).toBeLessThanOrEqual(75);
  });

  it('decides for all without a list, for those that match by name, and for those that were picked', async () => {
    const { submit, asked, find } = bench();
    await submit(choose, choosing());
    await submit(choose, choosing({ [inputIds.atMost]: picked('2') }), { kernel: '6.8.0-50-generic' });
    const [first, second] = await find('worker-150');
    await submit(
      choose,
      choosing({
        [inputIds.extent]: picked('picked'),
        [inputIds.nodes]: {
          selected_options: [{ value: first?.value }, { value: second?.value }, { value: 'x' }],
        },
        [inputIds.decision]: picked('deny'),
        [inputIds.reason]: { value: 'the disks are old' },
      }),
    );
    const [all, matching, few] = asked.map(({ decision }) => decision);
    expect(all).toEqual({ digest: 'workers-1', revision: 3, request: { kind: 'approve', mode: 'now' } });
    expect(matching?.only).toHaveLength(200);
    expect(matching?.request).toEqual({ kind: 'approve', mode: 'now', atMost: 2 });
    expect(few).toMatchObject({
      only: ['worker-150-4f1c9a', 'worker-1500-4f1c9a'],
      request: { kind: 'deny', reason: 'the disks are old' },
    });
  });

  it('says beside the input what is missing', () => {
    const { submission } = bench();
    const errors = (inputs: Readonly<Record<string, unknown>>): unknown => {
      const read = submission(choose, choosing(inputs));
      return read.ok ? undefined : read.errors;
    };
    expect(errors({ [inputIds.extent]: picked('picked') })).toEqual({
      [inputIds.nodes]: 'Pick nodes, or choose all that match.',
    });
    expect(errors({ [filterIds.text]: { value: 'eu' } })).toEqual({
      [filterIds.text]: 'Press Enter here first, to see what matches.',
    });
    expect(errors({ [inputIds.decision]: picked('deny') })).toEqual({
      [inputIds.reason]: 'Say why: others will ask.',
    });
    expect(errors({ [inputIds.decision]: picked('reboot-the-lot') })).toEqual({
      [inputIds.decision]: 'Choose one of these.',
    });
  });

  it('decides nothing when none of the picked asks any more', async () => {
    const { submit, asked, notes, answers } = bench();
    await submit(
      choose,
      choosing({
        [inputIds.extent]: picked('picked'),
        [inputIds.nodes]: { selected_options: [{ value: 'gone' }] },
      }),
    );
    answers.members = { ok: false, sentence: 'The digest is not kept any more.' };
    await submit(choose, choosing(), { zone: 'eu-1a' });
    expect(asked).toEqual([]);
    expect(notes()).toMatchObject([
      expect.stringContaining('None of the chosen nodes asks any more.'),
      expect.stringContaining('The digest is not kept any more.'),
    ]);
  });
});

it('Details lists all nodes in pages', async () => {
  const { press, pressInModal, shown } = bench();
  await press('tugboot.digest.details');
  expect(shown()).toContain('1 to 50 of 2000');
  await pressInModal({ action_id: 'tugboot.digest.later', value: encodeDigest({ ...value, page: 39 }) });
  expect(shown()).toContain('1951 to 2000 of 2000');
});
