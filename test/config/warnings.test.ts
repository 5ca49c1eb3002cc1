import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { settingsOf } from '../../scripts/generate/settings.ts';
import { chartValuesOf } from '../../src/config/chart-values.ts';
import { checkConfig } from '../../src/config/config-file.ts';
import type { Problem } from '../../src/config/checks/problems.ts';
import { jsonSchema } from '../../src/config/schema/schema.ts';
import { warningsOf } from '../../src/config/checks/warnings.ts';

const now = Date.UTC(2026, 10, 22, 12);

function warned(
  text: string,
  isMounted: (path: string) => boolean | undefined = () => undefined,
): readonly string[] {
  const problems: Problem[] = [];
  const file = checkConfig(parse(`approvers: channel\n${text}`), problems);
  expect(problems).toEqual([]);
  if (!file) throw new Error('it is right');
  return warningsOf(file, { now, isMounted }).map(({ path, message }) => `${path}: ${message}`);
}

/** One pool with these settings. */
const pool = (settings: string): string => `pools:\n  - name: a\n    ${settings.replaceAll('\n', '\n    ')}`;

describe('warnings', () => {
  it.each([
    [pool('selector: a=b'), ''],
    [pool("selector: 'a=b,a=c'"), 'pools[0].selector: Found "a=b,a=c". No node can have such labels.'],
    [pool("selector: 'a,!a'"), 'pools[0].selector: Found "a,!a". No node can have such labels.'],
    [pool("selector: 'a in (x,y),a notin (y,x)'"), 'No node can have such labels.'],
    [
      "pools: [{ name: a }, { name: b, selector: 'x=y' }]",
      'pools[1].selector: Pool a comes before and takes every node of this one.',
    ],
    [
      "pools: [{ name: a, selector: 'x in (y,z)' }, { name: b, selector: 'x=y,v' }]",
      'pools[1].selector: Pool a comes before',
    ],
    ["pools: [{ name: a, selector: 'x=y,v' }, { name: b, selector: 'x=y' }]", ''],
    [
      "pools: [{ name: a, selector: 'x!=y' }, { name: b, selector: 'x=z' }]",
      'pools[1].selector: Pool a comes before',
    ],
    [
      pool('approvers: { users: [] }'),
      'pools[0].approvers: Nobody may approve, and approval is manual: no node is ever rebooted.',
    ],
    [
      pool(
        "approval: window\napprovers: { users: [] }\nwindows: [{ days: [tue], start: '02:00', end: '05:00' }]",
      ),
      'pools[0].approvers: Nobody may approve, snooze or deny: only the window rule decides.',
    ],
    [
      pool("windows: [{ dates: [2025-12-24], start: '02:00', end: '05:00' }]"),
      'pools[0].windows[0]: It does not open within a year.',
    ],
    [
      pool("excludeDates: [01-01..12-31]\nwindows: [{ days: [tue], start: '02:00', end: '05:00' }]"),
      'pools[0].windows[0]: It does not open within a year.',
    ],
    [
      pool("windows: [{ days: [tue], start: '02:00', duration: 10m }]"),
      'pools[0].windows[0]: It is open for 10 min, and a drain may take 15 min',
    ],
    [
      pool("approval: window\nnotice: 8d\nwindows: [{ days: [tue], start: '02:00', end: '05:00' }]"),
      'pools[0].notice: Windows open at most 7 d apart: with a notice of 8 d each node misses at least one.',
    ],
    [pool("approval: window\nnotice: 2d\nwindows: [{ days: [tue], start: '02:00', end: '05:00' }]"), ''],
    ['calendars: [{ name: holidays, file: /a.ics }]', 'calendars[0].name: No pool names calendar holidays'],
    [
      "pools: [{ name: a, gates: { prometheus: [{ url: 'https://p', headers: { Authorization: x } }] } }]",
      'pools[0].gates.prometheus[0].headers.Authorization: It looks like a secret',
    ],
    ['timeZone: EST', 'timeZone: Found "EST". It has no summer time. Did you mean America/New_York?'],
  ])('%s: %s', (text, expected) => {
    const found = warned(text);
    expect(found).toHaveLength(expected === '' ? 0 : 1);
    expect(found.join()).toContain(expected);
  });

  it('tell of a calendar that is not mounted', () => {
    const text = `calendars: [{ name: h, file: /etc/h.ics }]\n${pool("calendars: [h]\nwindows: [{ days: [tue], start: '02:00', end: '05:00' }]")}`;
    expect(warned(text, () => false)).toEqual([
      'calendars[0].file: There is no file /etc/h.ics where this was checked. In the pod of the bot it has to be mounted (`bot.extraVolumes`).',
    ]);
    expect(warned(text, () => true)).toEqual([]);
    const values = chartValuesOf(
      parse('config: {}\nbot: { extraVolumeMounts: [{ name: c, mountPath: /etc/calendars/ }] }'),
    );
    expect([values?.isMounted('/etc/calendars/h.ics'), values?.isMounted('/etc/calendarsx')]).toEqual([
      true,
      false,
    ]);
    expect(chartValuesOf(parse('cluster: prod'))).toBeUndefined();
  });

  it('are of the chart’s defaults where a values file says nothing of config, or leaves it empty', () => {
    expect(chartValuesOf(parse('image: { tag: v2 }'))?.config).toEqual({});
    expect(chartValuesOf(parse('config:\nbot: { replicas: 2 }'))?.config).toEqual({});
    expect(chartValuesOf(parse('config: [a]'))?.config).toEqual(['a']);
    // A setting in the wrong place is a mistake in a tugboot.yaml.
    expect(chartValuesOf(parse('pools: []\nslack: { channel: C0123ABCD }'))).toBeUndefined();
    expect(chartValuesOf(parse('- a'))).toBeUndefined();
  });

  it('tell of every duration of 0 whose setting says nothing of 0', () => {
    const zero = settingsOf(jsonSchema()).filter(
      ({ fallback, meaning }) => /^`[1-9]\d*[smhd]`$/.test(fallback) && !/\b0s\b/.test(meaning),
    );
    const refused: string[] = [];
    for (const { path } of zero) {
      const file = zeroAt(path);
      const problems: Problem[] = [];
      const read = checkConfig(file, problems);
      // Where the schema refuses it there is nothing to warn of.
      if (!read) refused.push(path);
      else
        expect(
          warningsOf(read, { now, isMounted: () => undefined }).map((each) => each.message),
          path,
        ).toContainEqual(expect.stringContaining('No time at all'));
    }
    expect(zero.length - refused.length).toBeGreaterThan(5);
  });
});

function zeroAt(path: string): unknown {
  const build = ([head = '', ...rest]: readonly string[]): object => {
    const name = head.replace('[]', '');
    if (rest.length === 0) return { [name]: '0s' };
    const required =
      name === 'pools'
        ? { name: 'a' }
        : name === 'calendars'
          ? { name: 'a', file: '/a' }
          : name === 'webhook'
            ? { url: 'https://w' }
            : {};
    const inner = { ...required, ...build(rest) };
    return { [name]: head.endsWith('[]') ? [inner] : inner };
  };
  return build(path.split('.'));
}

describe('a selector that the API server would refuse', () => {
  it.each([
    'a in (green red)',
    'a in (x,-y)',
    'A/b=c',
    `a=${'x'.repeat(64)}`,
    `${'x'.repeat(64)}=a`,
    'a..b/c=d',
    'a=b=c',
    '=a',
  ])('%s is a problem', (selector) => {
    const problems: Problem[] = [];
    checkConfig({ pools: [{ name: 'a', selector }] }, problems);
    expect(problems[0]?.path).toBe('pools[0].selector');
  });
});
