import { describe, expect, it } from 'vitest';
import { notApplied } from '../../../src/bot/views/not-applied-notice.ts';
import { refusedConfig } from '../../../src/bot/views/refused-config-notice.ts';
import { notice } from '../../../src/bot/views/notice.ts';
import { checkBlocks } from '../../../demo/slack/validate/surfaces.ts';
import type { Json } from '../../../demo/slack/json.ts';
import type { UnknownSignalNotice, Notice, RebooterNotice } from '../../../src/reboot/nodes/node-note.ts';
import { minute, second } from '../../../src/reboot/time/time.ts';

const aNotice = (overrides: Partial<UnknownSignalNotice> = {}): UnknownSignalNotice => ({
  topic: 'unknownSignals',
  key: '4f1c9a',
  cluster: 'prod-eu',
  channel: 'C0REBOOTS',
  pool: 'workers',
  nodes: ['worker-03'],
  signals: [],
  reason: 'it has not reported since the boot',
  lasted: 15 * minute + 12 * second,
  before: Infinity,
  ...overrides,
});

const { signals: _, lasted: __, ...where } = aNotice();
const another = (overrides: Partial<RebooterNotice> = {}): RebooterNotice => ({
  ...where,
  topic: 'rebooters',
  rebooters: ['locksmithd'],
  reason: 'locksmithd runs',
  ...overrides,
});

const several: Notice['nodes'] = [
  'worker-03',
  ...Array.from({ length: 11 }, (_, index) => `worker-${index + 10}`),
];
const notices: Readonly<Record<string, Notice>> = {
  'silent-agent': aNotice(),
  'silent-agents': aNotice({ nodes: several }),
  'unreadable-signal': aNotice({ signals: ['sentinel'], reason: "The host's directory run is not there" }),
  'unreadable-signals': aNotice({
    nodes: several,
    signals: ['kernel', 'dnf'],
    reason: 'dnf ended with exit code 127',
  }),
  'other-rebooter': another(),
  'other-rebooters': another({
    nodes: several,
    rebooters: ['shutdown', 'unattended-upgrades'],
    reason: 'a reboot is scheduled for 2026-11-22T02:00:00.000Z; Unattended-Upgrade::Automatic-Reboot is on',
  }),
};

describe('a notice', () => {
  it.each(Object.entries(notices))('says what cannot be known: %s', async (name, data) => {
    const shown = notice(data);
    expect(checkBlocks(JSON.parse(JSON.stringify(shown.blocks)) as Json, 'message')).toEqual([]);
    await expect(`${JSON.stringify(shown, null, 2)}\n`).toMatchFileSnapshot(
      `../__screens__/notice-${name}.json`,
    );
  });

  it('shows hostile names and reasons as text', () => {
    const hostile = { nodes: ['<!channel>'], reason: '<https://x|y>' } as const;
    const shown = [
      notice(aNotice({ ...hostile, signals: ['<@U1>'] })),
      notice(another({ ...hostile, rebooters: ['<@U1>'] })),
    ];
    for (const markup of ['<!channel>', '<@U1>', '<https://x'])
      expect(JSON.stringify(shown)).not.toContain(markup);
  });
});

describe('a notice of a decision that was not applied to all', () => {
  const of = (refusals: readonly { node: string; sentence: string }[], refused = refusals.length) =>
    notApplied({
      key: 'not-applied.4f1c9a',
      cluster: 'prod-eu',
      channel: 'C0REBOOTS',
      request: { kind: 'approve', mode: 'now' },
      by: { kind: 'user', id: 'U0MIA', name: 'mia' },
      applied: 9,
      refused,
      refusals,
      since: 0,
    });

  it('says on which not, by their reasons, and what to do', async () => {
    const denied = 'It was denied meanwhile.';
    const shown = of([
      { node: 'worker-03', sentence: denied },
      { node: 'worker-07', sentence: 'The packages of worker-07 changed since you looked.' },
      { node: 'worker-11', sentence: denied },
    ]);
    expect(checkBlocks(JSON.parse(JSON.stringify(shown.blocks)) as Json, 'message')).toEqual([]);
    await expect(`${JSON.stringify(shown, null, 2)}\n`).toMatchFileSnapshot(
      '../__screens__/notice-not-applied.json',
    );
  });

  it('shows some of many, and hostile text as text', () => {
    const hostile = { node: '<!channel>', sentence: `<https://x|y> ${'x'.repeat(5000)}` };
    const shown = of([hostile, { node: '<@U1>', sentence: 'No.' }], 300);
    expect(checkBlocks(JSON.parse(JSON.stringify(shown.blocks)) as Json, 'message')).toEqual([]);
    const text = JSON.stringify(shown);
    for (const markup of ['<!channel>', '<@U1>', '<https://x']) expect(text).not.toContain(markup);
    expect(text).toContain('And 298 more');
  });
});

describe('a notice of a refused configuration', () => {
  const of = (problems: readonly string[]) =>
    refusedConfig({ key: '4f1c9a', cluster: 'prod-eu', channel: 'C0REBOOTS', problems, since: 0 });

  it('says what is wrong, what stays in force and what to do', async () => {
    const shown = of([
      '2 problems in /etc/tugboot/tugboot.yaml',
      '  pools[0].concurrency: Found "many". A whole number.',
      '  pools[1].windws: There is no such setting. Did you mean windows?',
    ]);
    expect(checkBlocks(JSON.parse(JSON.stringify(shown.blocks)) as Json, 'message')).toEqual([]);
    await expect(`${JSON.stringify(shown, null, 2)}\n`).toMatchFileSnapshot(
      '../__screens__/notice-refused-config.json',
    );
  });

  it('shows some of many, and hostile text as text', () => {
    const many = Array.from({ length: 300 }, (_, index) => `  <!channel>[${index}]: ${'x'.repeat(5000)}`);
    const shown = of(['300 problems in <@U1>', ...many]);
    expect(checkBlocks(JSON.parse(JSON.stringify(shown.blocks)) as Json, 'message')).toEqual([]);
    const text = JSON.stringify(shown);
    for (const markup of ['<!channel>', '<@U1>']) expect(text).not.toContain(markup);
    expect(text).toContain('and 290 more');
    expect(text).toContain('it is read again by itself');
  });

  it('names what is refused as a whole', () => {
    expect(JSON.stringify(of(['cluster: The name is part of what is stored.']))).toContain(
      'cluster: The name',
    );
  });
});
