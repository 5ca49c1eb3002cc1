/** The queue server of the chaos keeps the contract that Redis and PostgreSQL keep. */
import type { Queue } from '../../src/reboot/ports/queue.ts';
import { openQueues } from '../../src/jobs/queues.ts';
import { createWorkers } from '../../src/jobs/workers.ts';
import { type Handle, queueContract } from '../contracts/queue-contract.ts';
import { silentLogger } from '../fakes/silent-logger.ts';
import { workOf } from '../jobs/idle-work.ts';
import { queueServer } from './jobs/memory-backend.ts';
import { createProcess } from './time/process.ts';
import { virtualTime } from './time/virtual-time.ts';

queueContract('in memory', async () => {
  const time = virtualTime(0);
  const server = queueServer(time);
  const running = { until: true };
  const open = (name: string, mayUse = () => true) => {
    const process = createProcess(name, time);
    const backend = server.connect({ process, mayUse });
    return { process, backend, queues: openQueues(backend, time.now) };
  };
  const bots = [open('one'), open('two')];
  /** What a test awaits needs the time to pass. */
  const passing = (async () => {
    while (running.until) await time.run(time.now() + 10);
  })();
  const queueOf = (nth: number): Queue => {
    const bot = bots[nth];
    if (bot === undefined) throw new Error('there are two');
    return bot.queues.of('prod');
  };
  return {
    queue: queueOf(0),
    other: queueOf(1),
    now: time.now,
    start(handle: Handle) {
      const work = workOf({
        reconcileNode: (id: string) => handle('reconcileNode', id),
        reconcile: (id: string) => handle('reconcile', id),
        plan: () => handle('plan', 'all'),
        start: (id: string) => handle('start', id),
        drain: (id: string) => handle('drain', id),
        render: (id: string) => handle('render', id),
        updateDigest: (id: string) => handle('updateDigest', id),
        spread: (id: string) => handle('spread', id),
      });
      for (const bot of bots)
        createWorkers({
          ...bot,
          work: new Map([['prod', work]]),
          logger: silentLogger,
          random: () => 0.5,
          clock: { now: time.now },
        }).start();
    },
    async until(what, holds) {
      const limit = time.now() + 600_000;
      while (!holds()) {
        if (time.now() > limit) throw new Error(`${what}: not in time`);
        await time.run(time.now() + 10);
      }
    },
    unreachable: async () => open('lost', () => false).queues.of('prod'),
    async close() {
      running.until = false;
      await passing;
    },
  };
});
