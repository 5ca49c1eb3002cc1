import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { checkConfig } from '../../src/config/config-file.ts';
import type { Problem } from '../../src/config/checks/problems.ts';
import { options } from '../../src/kured/options.ts';
import { flagsOf, readFlags } from '../../src/kured/read-flags.ts';
import { type Imported, translate } from '../../src/kured/translate.ts';
import { root } from '../docs/pages.ts';

const ofFlags = (...args: readonly string[]): Imported => translate(flagsOf(args));
const ofText = (text: string): Imported => {
  const read = readFlags(text);
  if (!read.ok) throw new Error(read.problem);
  return translate(read.flags);
};
const pool = (imported: Imported): Record<string, unknown> =>
  (imported.values.config['pools'] as readonly Record<string, unknown>[])[0] ?? {};

/** A value of each option that is not its default. */
const samples: Readonly<Record<string, string>> = {
  period: '5m',
  'reboot-sentinel': '/sentinel/needs-reboot',
  'reboot-sentinel-command': 'sh -c "! needs-restarting --reboothint"',
  'reboot-method': 'signal',
  'reboot-command': '/sbin/reboot -f',
  'reboot-signal': '15',
  'reboot-delay': '90s',
  'reboot-days': 'mon,tue',
  'start-time': '22:00',
  'end-time': '4am',
  'time-zone': 'Europe/Berlin',
  concurrency: '2',
  'lock-annotation': 'a',
  'ds-namespace': 'kube-system',
  'ds-name': 'kured',
  'node-id': 'n1',
  'lock-ttl': '30m',
  'lock-release-delay': '10m',
  'drain-delay': '30s',
  'drain-timeout': '15m',
  'drain-grace-period': '60',
  'drain-pod-selector': 'app!=db',
  'skip-wait-for-delete-timeout': '120',
  'force-reboot': 'true',
  'blocking-pod-selector': 'runtime=long',
  'prometheus-url': 'http://prometheus:9090',
  'alert-filter-regexp': '^(Watchdog|Info)$',
  'alert-filter-match-only': 'true',
  'alert-firing-only': 'true',
  'prefer-no-schedule-taint': 'example.com/kured',
  'annotate-nodes': 'true',
  'pre-reboot-node-labels': 'example.com/maintenance=yes',
  'post-reboot-node-labels': 'example.com/maintenance=no',
  'notify-url': 'slack://a/b/c',
  'slack-hook-url': 'https://hooks.slack.com/a',
  'slack-username': 'kured',
  'slack-channel': 'ops',
  'message-template-drain': 'x',
  'message-template-reboot': 'x',
  'message-template-uncordon': 'x',
  'metrics-host': '127.0.0.1',
  'metrics-port': '9090',
  'log-format': 'json',
};

/** Set by kured's chart itself, and without a meaning here. */
const silent = new Set(['ds-namespace', 'ds-name', 'node-id']);
/** Translated together with another option. */
const together: Readonly<Record<string, readonly string[]>> = {
  'alert-filter-regexp': ['--prometheus-url=http://p'],
  'alert-filter-match-only': ['--prometheus-url=http://p', '--alert-filter-regexp=x'],
  'alert-firing-only': ['--prometheus-url=http://p'],
};

describe('every option of kured', () => {
  it('has a sample here', () => {
    expect(Object.keys(samples).toSorted()).toEqual(Object.keys(options).toSorted());
  });

  it.each(Object.entries(samples).filter(([flag]) => !silent.has(flag)))(
    '--%s=%s changes the values or is told of',
    (flag, value) => {
      const beside = together[flag] ?? [];
      expect(ofFlags(...beside, `--${flag}=${value}`)).not.toEqual(ofFlags(...beside));
    },
  );

  it('stands in docs/kured.md', () => {
    const page = readFileSync(`${root}/docs/kured.md`, 'utf8');
    const listed = (flag: string): boolean =>
      page.includes(`--${flag}`) ||
      (page.includes('--slack-…') && flag.startsWith('slack-')) ||
      (page.includes('--message-template-…') && flag.startsWith('message-template-'));
    expect(Object.keys(options).filter((flag) => !listed(flag))).toEqual([]);
  });

  it('together make a configuration that is right', () => {
    const problems: Problem[] = [];
    const { values } = ofFlags(...Object.entries(samples).map(([flag, value]) => `--${flag}=${value}`));
    checkConfig({ ...values.config, channel: 'C0123ABCD' }, problems);
    expect(problems).toEqual([]);
  });
});

describe('what is read', () => {
  const values = {
    configuration: { rebootDays: ['mon', 'tue'], startTime: '2am', endTime: '5am', forceReboot: true },
  };
  const args = ['--reboot-days=mon,tue', '--start-time=2am', '--end-time=5am', '--force-reboot'];
  const container = { image: 'ghcr.io/kubereboot/kured:1.23.0', command: ['/usr/bin/kured'], args };
  const daemonSet = { kind: 'DaemonSet', spec: { template: { spec: { containers: [container] } } } };

  it('is the same from flags, from the values of the chart and from the DaemonSet', () => {
    const expected = ofFlags(...args);
    expect(ofText(stringify(values))).toEqual(expected);
    expect(ofText(stringify(daemonSet))).toEqual(expected);
    expect(ofText(args.join(' '))).toEqual(expected);
  });

  it('has variables count more than arguments', () => {
    const env = [{ name: 'KURED_START_TIME', value: '3am' }];
    const containers = [{ ...container, env }];
    const changed = { ...daemonSet, spec: { template: { spec: { containers } } } };
    expect(pool(ofText(stringify(changed)))['windows']).toMatchObject([{ start: '03:00' }]);
  });

  it.each([
    ['nothing of kured', 'a: 1', /values of its chart/],
    ['a DaemonSet of somebody else', 'kind: DaemonSet\nspec: {}', /no container of kured/],
    ['no YAML', 'a: [', /It is no YAML/],
  ])('is refused in a sentence where it is %s', (_, text, problem) => {
    expect(readFlags(text)).toMatchObject({ ok: false, problem: expect.stringMatching(problem) as string });
  });

  it('names flags that kured does not have', () => {
    expect(ofFlags('--reboot-dayz=mon').notes).toContain('reboot-dayz: is no option of kured 1.23.');
  });
});

describe('what changes in meaning', () => {
  it('is that nobody was asked, first of all', () => {
    expect(ofFlags('--period=1h').notes[0]).toMatch(/^approval: kured asked nobody/);
    expect(pool(ofFlags('--period=1h'))['approval']).toBe('auto');
    expect(pool(ofFlags('--start-time=2am'))['approval']).toBe('window');
  });

  it.each([
    ['0:00', '00:00'],
    ['15', '15:00'],
    ['03:04pm', '15:04'],
    ['12am', '00:00'],
    ['12pm', '12:00'],
    ['15:04:05', '15:04'],
  ])('start-time %s is %s', (text, start) => {
    expect(pool(ofFlags(`--start-time=${text}`))['windows']).toMatchObject([{ start }]);
  });

  it.each(['5:00pn', '25', 'noon'])('start-time %s is told of, and opens nothing', (text) => {
    const imported = ofFlags(`--start-time=${text}`);
    expect(imported.notes.join('\n')).toContain(`start-time: ${text} cannot be read`);
    expect(pool(imported)['windows']).toBeUndefined();
    expect(pool(imported)['approval']).toBe('manual');
  });

  it('has the end of the day as midnight', () => {
    expect(pool(ofFlags('--reboot-days=0,Sa'))['windows']).toEqual([
      {
        days: ['sun', 'sat'],
        start: '00:00',
        end: '00:00',
      },
    ]);
  });

  it('says of a night to which day it belongs', () => {
    expect(ofFlags('--start-time=22:00', '--end-time=04:00').notes.join('\n')).toContain(
      'the day it starts on',
    );
  });

  it('makes an expression match as in kured: anywhere in the name', () => {
    const { gates } = pool(ofFlags('--prometheus-url=http://p', '--alert-filter-regexp=Watch'));
    expect(gates).toEqual({
      prometheus: [{ url: 'http://p', alerts: { exclude: '.*(Watch).*', pending: true } }],
    });
  });

  it('keeps the method: kured’s default is the command', () => {
    expect(ofFlags('--period=1h').values.agent).toEqual({ method: 'command' });
    expect(ofFlags('--reboot-method=signal').values.agent).toBeUndefined();
  });
});
