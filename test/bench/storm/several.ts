/**
 * Several bots share the work: on an API that answers late the same work is done by one bot and by several.
 * Once by the core on a virtual clock, where waiting is the only bound, and once by the bots that ship.
 */
import { type Bench, row, type Row } from '../report.ts';
import { openScaleEnvironment, type ScaleEnvironment } from '../scale/scale-environment.ts';
import { sharedTimes } from './shared-model.ts';
import { approveAll, completeDigest, poll } from './storm.ts';

const podsPerNode = 5;

export interface SeveralOptions {
  readonly nodes: number;
  readonly bots: number;
  /** Of each answer of the API, in milliseconds. */
  readonly latency: number;
}

/** In seconds. */
interface Times {
  /** All ask at once, until each has its Reboot. */
  readonly asked: number;
  /** From the click until each is decided, and each that waits says what for. */
  readonly decided: number;
}

async function timesWith(
  environment: ScaleEnvironment,
  { nodes, bots, latency }: SeveralOptions,
): Promise<Times> {
  const { api, slack } = environment;
  await api.seed(nodes, nodes * podsPerNode);
  for (let nth = 0; nth < bots; nth += 1) environment.startBot();
  await poll('the bots are ready', async () => (environment.readies() >= bots ? true : undefined));
  await poll('every node is mirrored', async () =>
    (await api.counts(Date.now())).mirrored >= nodes ? true : undefined,
  );
  await api.delay(latency);
  const began = Date.now();
  await api.ask(nodes, 100);
  await poll('all Reboots exist', async () => ((await api.decided()).reboots >= nodes ? true : undefined));
  const asked = Date.now() - began;
  const digest = await poll('the digest names all nodes', async () => completeDigest(slack, nodes));
  const clicked = Date.now();
  await slack.as(slack.users.mia).click({ ts: digest.ts, action: approveAll });
  await poll('all are decided', async () => ((await api.decided()).settled >= nodes ? true : undefined));
  return { asked: asked / 1000, decided: (Date.now() - clicked) / 1000 };
}

async function measure(options: SeveralOptions, tell: (line: string) => void): Promise<readonly Row[]> {
  const timesOf = async (bots: number): Promise<Times> => {
    const environment = await openScaleEnvironment();
    try {
      const times = await timesWith(environment, { ...options, bots });
      tell(JSON.stringify({ bots, ...times }));
      return times;
    } finally {
      await environment.close();
    }
  };
  const { nodes, bots, latency } = options;
  const model = [
    await sharedTimes({ ...options, bots: 1 }),
    await sharedTimes({ ...options, bots }),
  ] as const;
  const [one, several] = [await timesOf(1), await timesOf(bots)];
  const shared = (what: string, limit: number, value: number): Row =>
    row(
      {
        what: `${nodes} nodes, ${latency} ms for each answer, ${bots} bots ÷ 1: ${what}`,
        unit: '×',
        share: 1,
        limit,
      },
      [Math.round(value * 1000) / 1000],
    );
  // Processes share the cores of this machine, too, with the API and Slack.
  const told = Number.POSITIVE_INFINITY;
  return [
    shared('modelled, all ask → all Reboots exist', 0.7, model[1].asked / model[0].asked),
    shared('modelled, all ask → all are decided and noted', 0.7, model[1].noted / model[0].noted),
    shared('processes, all ask → all Reboots exist', told, several.asked / one.asked),
    shared('processes, click → all decided', told, several.decided / one.decided),
  ];
}

export const severalBots =
  (options: SeveralOptions): Bench =>
  async (_runs, tell) =>
    measure(options, tell);
