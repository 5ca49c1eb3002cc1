/**
 * From the sentinel to the card, from the click to the cordon, and what it costs: the main job, measured from
 * outside.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { demoNodes } from '../../demo/demo-config.ts';
import { type DemoEnvironment, openDemoEnvironment } from '../../demo/environment/demo-environment.ts';
import { demoTiming } from '../../demo/world/timers.ts';
import { type StoryResult, tellStory } from '../../demo/story.ts';
import { type Bench, row } from './report.ts';

const patience = 60_000;

/** In MB; RSS as the kernel tells it, and PSS, which divides what processes share. */
function memoryOf(pid: number | undefined): { readonly rss: number; readonly pss: number } {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const figure = (name: string): number =>
    Math.round(Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? Number.NaN) / 1024);
  return { rss: figure('Rss'), pss: figure('Pss') };
}

interface Samples {
  readonly stories: StoryResult[];
  readonly serve: number[];
  readonly agentRss: number[];
  readonly agentPss: number[];
}

async function oneRun(
  environment: DemoEnvironment,
  samples: Samples,
  tell: (line: string) => void,
): Promise<void> {
  const bot = environment.startBot();
  await environment.slack.until(() => environment.slack.sockets() > 0, patience, 'the bot');
  for (const node of ['worker-1', 'worker-2', 'worker-3']) {
    const story = await tellStory(environment, { node, tell: () => undefined, patience });
    tell(JSON.stringify({ node, ok: story.ok, slackCalls: story.slackCalls, ...story.ms }));
    if (!story.ok) throw new Error(`the reboot of ${node} was not proven`);
    samples.stories.push(story);
  }
  samples.serve.push(memoryOf(bot.child.pid).rss);
  for (const agent of environment.agents.values()) {
    const { rss, pss } = memoryOf(agent.child?.pid);
    samples.agentRss.push(rss);
    samples.agentPss.push(pss);
  }
}

export const detect: Bench = async (runs, tell) => {
  const samples: Samples = { stories: [], serve: [], agentRss: [], agentPss: [] };
  for (let run = 1; run <= runs; run += 1) {
    tell(`run ${run} of ${runs}`);
    const environment = await openDemoEnvironment({
      bundles: resolve('dist'),
      timing: demoTiming,
      nodes: demoNodes,
      config: benchConfig,
      env: process.env,
      onTrouble: (error) => tell(String(error)),
    });
    try {
      await oneRun(environment, samples, tell);
    } finally {
      await environment.close();
    }
  }
  const times = (pick: (story: StoryResult) => number): readonly number[] => samples.stories.map(pick);
  return [
    row(
      { what: 'sentinel written → report in the API', unit: 'ms', share: 0.5, limit: 500 },
      times(({ ms }) => ms.detect),
    ),
    row(
      { what: 'sentinel written → card posted', unit: 'ms', share: 0.5, limit: 1000 },
      times(({ ms }) => ms.card),
    ),
    row(
      { what: 'sentinel written → card posted', unit: 'ms', share: 0.99, limit: 3000 },
      times(({ ms }) => ms.card),
    ),
    row(
      { what: 'click → buttons gone', unit: 'ms', share: 0.99, limit: 500 },
      times(({ ms }) => ms.buttonsGone),
    ),
    row(
      { what: 'decision → node cordoned', unit: 'ms', share: 0.5, limit: 500 },
      times(({ ms }) => ms.decision),
    ),
    row(
      { what: 'Slack calls for one reboot', unit: 'calls', share: 1, limit: 15 },
      times(({ slackCalls }) => slackCalls),
    ),
    row({ what: 'serve, RSS after three reboots', unit: 'MB', share: 1, limit: 300 }, samples.serve),
    row({ what: 'agent, PSS', unit: 'MB', share: 1, limit: 45 }, samples.agentPss),
    row({ what: 'agent, RSS', unit: 'MB', share: 1, limit: 75 }, samples.agentRss),
  ];
};

/** One pool, no window: nothing but the work itself is measured. */
const benchConfig = {
  cluster: 'bench',
  approvers: 'channel',
  pools: [{ name: 'nodes', settleTime: '2s', rebootTimeout: '1m', settleTimeout: '1m' }],
} as const;
