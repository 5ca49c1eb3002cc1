import { commandText } from '../../../src/bot/command/slash-text.ts';
import { readSubmission } from '../../../src/bot/listeners/submissions.ts';
import { clickPayload, submissionPayload, suggestionPayload } from '../../../src/bot/listeners/payloads.ts';
import type { InteractionHandler } from '../../../src/bot/listeners/interaction-handler.ts';
import { decodeOrigin, decodeValue, encodeOrigin, encodeValue } from '../../../src/bot/payload/action-ids.ts';
import { decodeDigest, decodeDigestOrigin, encodeDigest } from '../../../src/bot/payload/digest-values.ts';
import { decodeList } from '../../../src/bot/payload/list-value.ts';
import { openCommandHarness } from '../../bot/command/command-harness.ts';
import { aPolicy, aPool, noon } from '../../fakes/builders.ts';
import { silentLogger } from '../../fakes/silent-logger.ts';
import { type Door, jsonOf, refused, taken } from '../door.ts';

const about = { cluster: 'prod', reboot: 'worker-1-0123456789', node: 'worker-1', seen: 'abcd' };
const value = encodeValue(about);
const digestValue = encodeDigest({ cluster: 'prod', pool: 'workers', id: 'd1', revision: 3 });

export const buttons: Door = {
  name: 'slack-buttons',
  what: 'values of buttons and metadata of modals: everybody with the token of a workspace can forge them',
  seeds: [
    value,
    digestValue,
    encodeOrigin(about, { channel: 'C0OPS' }),
    JSON.stringify({ value: digestValue, channel: 'C0OPS', filter: { zone: 'a', kernel: '6.8', text: 'x' } }),
    JSON.stringify({ v: 1, cluster: 'prod', id: 'l1' }),
  ],
  tokens: ['"v"', '"cluster"', '"reboot"', '"digest"', '"opens"', '"revision"', '"origin"', '"filter"'],
  enter(input) {
    const decoded = [decodeValue, decodeOrigin, decodeDigest, decodeDigestOrigin, decodeList].map((decode) =>
      decode(input),
    );
    if (decoded.some(({ ok }) => ok)) return taken;
    return refused(/[a-z_]+/, ...decoded.flatMap((each) => (each.ok ? [] : [each.field])));
  },
};

const handler = {
  logger: silentLogger,
  clock: { now: () => noon },
  clusters: new Map(),
} as unknown as InteractionHandler;
const input = (id: string, typed: object): object => ({ [id]: { [id]: typed } });

export const payloads: Door = {
  name: 'slack-payloads',
  what: 'payloads of clicks, menus and modals',
  seeds: [
    JSON.stringify({
      user: { id: 'U0MIA', team_id: 'T0' },
      trigger_id: '1.2',
      channel: { id: 'C0OPS' },
      message: { ts: '1.2', text: 'x', blocks: [{ type: 'section' }] },
      actions: [{ action_id: 'tugboot.approve-now', value }],
    }),
    JSON.stringify({
      user: { id: 'U0MIA', team_id: 'T0' },
      view: {
        callback_id: 'tugboot.view.deny',
        private_metadata: encodeOrigin(about, { channel: 'C0OPS' }),
        state: { values: input('tugboot.reason', { value: 'release' }) },
      },
    }),
    JSON.stringify({
      user: { id: 'U0MIA' },
      view: {
        callback_id: 'tugboot.view.digest-choose',
        private_metadata: JSON.stringify({ value: digestValue, channel: 'C0OPS', filter: {} }),
        state: {
          values: {
            ...input('tugboot.extent', { selected_option: { value: 'picked' } }),
            ...input('tugboot.nodes', { selected_options: [{ value: 'r1' }] }),
            ...input('tugboot.decision', { selected_option: { value: 'snooze-4h' } }),
            ...input('tugboot.at', { selected_date_time: 1_796_100_000 }),
          },
        },
      },
    }),
  ],
  tokens: ['user', 'view', 'state', 'values', 'callback_id', 'tugboot.view.', 'selected_option', 'actions'],
  enter(text) {
    const payload = jsonOf(text);
    const parsed = [clickPayload, suggestionPayload].some((schema) => schema.safeParse(payload).success);
    const submission = submissionPayload.safeParse(payload);
    if (!submission.success)
      return parsed ? taken : refused(/\w/, submission.error.issues.map(({ message }) => message).join('\n'));
    const read = readSubmission(handler, submission.data);
    return read.ok ? taken : refused(/\w/, ...Object.values(read.errors));
  },
};

export const commands: Door = {
  name: 'slack-commands',
  what: 'what people type after /reboot',
  seeds: [
    'status',
    'why worker-1',
    'plan workers',
    'approve workers release of Tuesday',
    'snooze zone=a 4h',
    'deny worker-1 because of the release',
    'pause all storage migration',
    'resume workers',
    'now worker-1 firmware',
    'windows &lt;x&gt; &amp; <@U0MIA|mia> <http://worker-1.example|worker-1.example>',
    'snooze worker-1 until 2026-12-02 08:00',
    'doctor',
  ],
  tokens: [
    'all ',
    'prod-eu/',
    '<!subteam^S0|@sre>',
    ' until ',
    ' tonight',
    '1h',
    ' -- ',
    '=',
    '!',
    ' in (a)',
  ],
  async enter(text) {
    commandText(text);
    const harness = openCommandHarness(aPolicy({ pools: [aPool({ name: 'workers' })] }));
    const answer = await harness.type(text);
    if (answer.length < 20) throw new Error(`no answer to ${JSON.stringify(text)}`);
    return taken;
  },
};
