/**
 * Every option of kured 1.23 and of its chart 6.1 (github.com/kubereboot/kured, cmd/kured/main.go;
 * github.com/kubereboot/charts), and what becomes of it.
 */

/** What an option adds to the values of Tugboot's chart, and what a person should know about it. */
export interface Translation {
  /** Merged into the pool. */
  readonly pool?: object;
  /** Merged into `config`, beside its pools. */
  readonly config?: object;
  /** Merged into `agent`. */
  readonly agent?: object;
  readonly note?: string;
}

export interface KuredOption {
  /** The name in `configuration` of the chart. Absent: the chart sets it itself. */
  readonly chart?: string;
  readonly translate: (values: readonly string[]) => Translation;
}

const note = (text: string) => (): Translation => ({ note: text });
const nothing = (): Translation => ({});
/** Translated with others, as a window. */
const partOfWindow = nothing;
const duration = (value: string): string => (/^\d+$/.test(value) ? `${value}s` : value);
const isOn = (value: string | undefined): boolean => value === 'true';

/** Kured splits the command as a shell does: a quoted argument is one word. */
const wordsOf = (command: string): readonly string[] =>
  [...command.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, plain]) => double ?? single ?? plain ?? '',
  );

const labelsOf = (values: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    values
      .flatMap((value) => value.split(','))
      .filter((label) => label.includes('='))
      .map((label) => [label.slice(0, label.indexOf('=')), label.slice(label.indexOf('=') + 1)]),
  );

const said = 'What it would have said stands on the card and in its thread.';

export const options = {
  period: {
    chart: 'period',
    translate: note('period: not needed. A sentinel is seen when it is written.'),
  },
  'reboot-sentinel': {
    chart: 'rebootSentinel',
    translate: ([path = '']) => {
      const file = path.replace(/^\/sentinel\//, 'run/').replace(/^\/(var\/run|run)\//, 'run/');
      if (file === 'run/reboot-required' || path === '') return {};
      return file.startsWith('run/')
        ? { agent: { sentinel: file } }
        : {
            note: `reboot-sentinel: ${path} lies in none of the directories that the agent reads. Mount its directory (agent.hostPaths), or move the file below /run.`,
          };
    },
  },
  'reboot-sentinel-command': {
    chart: 'rebootSentinelCommand',
    translate: ([command = '']) =>
      command === ''
        ? {}
        : {
            agent: {
              signalCommands: [{ name: 'kured-command', command: wordsOf(command) }],
              commandsInHost: true,
            },
            pool: { signals: [{ command: 'kured-command' }] },
            note: 'reboot-sentinel-command: 0 asks, 1 does not, anything else is "unknown" and told, where kured took it for no. It runs on the host, which gives the agent the rights of root there.',
          },
  },
  'reboot-method': {
    chart: 'rebootMethod',
    translate: ([method = 'command']) => (method === 'signal' ? {} : { agent: { method: 'command' } }),
  },
  'reboot-command': {
    chart: 'rebootCommand',
    translate: ([command = '']) => {
      const words = wordsOf(command);
      const isUsual = words.join(' ') === '/bin/systemctl reboot' || words.length === 0;
      return isUsual ? {} : { agent: { rebootCommand: words } };
    },
  },
  'reboot-signal': {
    chart: 'rebootSignal',
    translate: ([signal = '39']) => (signal === '39' ? {} : { agent: { rebootSignal: Number(signal) } }),
  },
  'reboot-delay': {
    chart: 'rebootDelay',
    translate: ([delay = '0']) => ({ pool: { hooks: { rebootDelay: duration(delay) } } }),
  },
  'reboot-days': { chart: 'rebootDays', translate: partOfWindow },
  'start-time': { chart: 'startTime', translate: partOfWindow },
  'end-time': { chart: 'endTime', translate: partOfWindow },
  'time-zone': { chart: 'timeZone', translate: partOfWindow },
  concurrency: {
    chart: 'concurrency',
    translate: ([count = '1']) =>
      count === '1'
        ? {}
        : {
            config: { concurrency: Number(count) },
            pool: { concurrency: Number(count), maxUnavailable: Number(count) },
            note: `concurrency: nodes that are out for any other reason count as well (maxUnavailable: ${count}).`,
          },
  },
  'lock-annotation': {
    chart: 'lockAnnotation',
    translate: note('lock-annotation: not needed. Turns stand in the ConfigMap tugboot-turns.'),
  },
  'ds-namespace': { translate: nothing },
  'ds-name': { translate: nothing },
  'node-id': { translate: nothing },
  'lock-ttl': {
    chart: 'lockTtl',
    translate: note('lock-ttl: has no like. A node that is still down keeps its turn, and Skip frees it.'),
  },
  'lock-release-delay': {
    chart: 'lockReleaseDelay',
    translate: ([delay = '0']) => ({ pool: { minTimeBetween: { pool: duration(delay) } } }),
  },
  'drain-delay': {
    chart: 'drainDelay',
    translate: ([delay = '0']) => ({
      pool: { hooks: { drainDelay: duration(delay) } },
      note: 'drain-delay: the node is cordoned before the wait, so that nothing new comes in it.',
    }),
  },
  'drain-timeout': {
    chart: 'drainTimeout',
    translate: ([timeout = '0']) =>
      /^0[a-z]*$/.test(timeout)
        ? {
            note: 'drain-timeout: 0 waited for ever. Here a drain is undone after drain.timeout, and tried again.',
          }
        : { pool: { drain: { timeout: duration(timeout) } } },
  },
  'drain-grace-period': {
    chart: 'drainGracePeriod',
    translate: ([seconds = '-1']) =>
      Number(seconds) < 0 ? {} : { pool: { drain: { gracePeriod: Number(seconds) } } },
  },
  'drain-pod-selector': {
    chart: 'drainPodSelector',
    translate: ([selector = '']) => (selector === '' ? {} : { pool: { drain: { podSelector: selector } } }),
  },
  'skip-wait-for-delete-timeout': {
    chart: 'skipWaitForDeleteTimeout',
    translate: ([seconds = '0']) => ({ pool: { drain: { skipPodsDeletingLongerThan: duration(seconds) } } }),
  },
  'force-reboot': {
    chart: 'forceReboot',
    translate: ([value]) =>
      isOn(value)
        ? {
            pool: { drain: { onTimeout: 'force' } },
            note: 'force-reboot: budgets are broken when the drain has not ended in time, as before. Without it a person may force one drain, with a reason.',
          }
        : {},
  },
  'blocking-pod-selector': {
    chart: 'blockingPodSelector',
    translate: (selectors) => ({ pool: { gates: { blockingPods: [...selectors] } } }),
  },
  'prometheus-url': { chart: 'prometheusUrl', translate: nothing },
  'alert-filter-regexp': { chart: 'alertFilterRegexp', translate: nothing },
  'alert-filter-match-only': { chart: 'alertFilterMatchOnly', translate: nothing },
  'alert-firing-only': { chart: 'alertFiringOnly', translate: nothing },
  'prefer-no-schedule-taint': {
    chart: 'preferNoScheduleTaint',
    translate: ([taint = '']) =>
      taint === ''
        ? {}
        : {
            pool: { hooks: { preferNoSchedule: true } },
            note: `prefer-no-schedule-taint: the taint is tugboot.dev/reboot-waiting, and not ${taint}.`,
          },
  },
  'annotate-nodes': {
    chart: 'annotateNodes',
    translate: ([value]) =>
      isOn(value)
        ? {
            pool: { hooks: { annotateState: true } },
            note: 'annotate-nodes: the annotations are tugboot.dev/state and tugboot.dev/last-reboot.',
          }
        : {},
  },
  'pre-reboot-node-labels': {
    chart: 'preRebootNodeLabels',
    translate: (values) => ({ pool: { hooks: { labels: { before: labelsOf(values) } } } }),
  },
  'post-reboot-node-labels': {
    chart: 'postRebootNodeLabels',
    translate: (values) => ({ pool: { hooks: { labels: { after: labelsOf(values) } } } }),
  },
  'notify-url': {
    chart: 'notifyUrl',
    translate: note(`notify-url: name a channel of Slack instead. ${said}`),
  },
  'slack-hook-url': {
    chart: 'slackHookUrl',
    translate: note(`slack-hook-url: Tugboot is a Slack app with tokens of its own (README.md). ${said}`),
  },
  'slack-username': {
    chart: 'slackUsername',
    translate: note('slack-username: the name is that of the app.'),
  },
  'slack-channel': {
    chart: 'slackChannel',
    translate: note('slack-channel: write the id of the channel in config.channel.'),
  },
  'message-template-drain': {
    chart: 'messageTemplateDrain',
    translate: note(`message-template-drain: ${said}`),
  },
  'message-template-reboot': {
    chart: 'messageTemplateReboot',
    translate: note(`message-template-reboot: ${said}`),
  },
  'message-template-uncordon': {
    chart: 'messageTemplateUncordon',
    translate: note(`message-template-uncordon: ${said}`),
  },
  'metrics-host': {
    chart: 'metricsHost',
    translate: note('metrics-host: the bot answers /metrics on its health port, on every address.'),
  },
  'metrics-port': {
    chart: 'metricsPort',
    translate: note('metrics-port: the bot answers /metrics on its health port (bot.healthPort).'),
  },
  'log-format': { chart: 'logFormat', translate: note('log-format: logs are JSON lines.') },
} as const satisfies Readonly<Record<string, KuredOption>>;

/** The flag of each name in the chart's `configuration`. */
export const chartValues: ReadonlyMap<string, string> = new Map(
  Object.entries<KuredOption>(options).flatMap(([flag, { chart }]) =>
    chart === undefined ? [] : [[chart, flag] as const],
  ),
);
