/** Which parts of the sources have run, from V8: inputs that reach new ones are worth changing further. */
import { Session } from 'node:inspector/promises';

export interface Coverage {
  /** How many parts were reached since the last call that had never been. */
  fresh(): Promise<number>;
  /** All that were ever reached. */
  readonly reached: () => number;
  stop(): Promise<void>;
}

export async function startCoverage(isSource: (url: string) => boolean): Promise<Coverage> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: false, detailed: true });
  const reached = new Set<string>();
  return {
    async fresh() {
      const before = reached.size;
      const { result } = await session.post('Profiler.takePreciseCoverage');
      const ranges = result
        .filter(({ url }) => isSource(url))
        .flatMap(({ url, functions }) =>
          functions.flatMap((one) => one.ranges.map((range) => ({ url, ...range }))),
        );
      for (const { url, startOffset, endOffset, count } of ranges)
        if (count > 0) reached.add(`${url}:${startOffset}:${endOffset}`);
      return reached.size - before;
    },
    reached: () => reached.size,
    async stop() {
      await session.post('Profiler.stopPreciseCoverage');
      session.disconnect();
    },
  };
}
