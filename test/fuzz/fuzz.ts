/** Feeds one door: inputs are made from its seeds, and from those that reached something new. */
import process from 'node:process';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { seeded } from '../bench/seeded.ts';
import type { Coverage } from './coverage.ts';
import type { Door } from './door.ts';
import { faultOf, shortened } from './judge.ts';
import { mutated } from './mutate.ts';

export interface FuzzOptions {
  readonly inputs: number;
  readonly seed: number;
  /** Absent: inputs are made from the seeds alone. */
  readonly coverage?: Coverage;
  /** Called with each input before it enters, for who has to say which one never came back. */
  readonly onInput?: (input: string) => void;
  /** CPU time of this thread so far, in milliseconds. */
  readonly cpu?: () => number;
}

export interface Finding {
  readonly why: string;
  readonly input: string;
}

export interface Fuzzed {
  readonly door: string;
  readonly inputs: number;
  readonly taken: number;
  readonly refused: number;
  readonly reached: number;
  /** Inputs that reached something new, beside the seeds. */
  readonly corpus: number;
  readonly slowestMs: number;
  /** In MB, after a collection: at the end less at the begin. */
  readonly heapGrowth: number;
  readonly findings: readonly Finding[];
}

const batch = 50;
/** CPU time for one input, so that a busy machine makes no finding. */
const longest = 1_000;
/** What a parser may keep (its tables, compiled expressions, the corpus), in MB. */
const mostGrowth = 64;
const mostFindings = 20;

/** Of this thread: others of the process may be busy, too. */
const usedCpu = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
};

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
function heap(): number {
  collect();
  return process.memoryUsage().heapUsed / 2 ** 20;
}

export async function fuzz(door: Door, options: FuzzOptions): Promise<Fuzzed> {
  const { coverage, onInput, cpu = usedCpu } = options;
  const random = seeded(options.seed);
  const corpus = [...door.seeds];
  const findings = new Map<string, Finding>();
  const counts = { taken: 0, refused: 0 };
  let slowest = 0;
  const enter = async (input: string): Promise<void> => {
    onInput?.(input);
    const began = cpu();
    const why = await reasonOf(door, input, counts);
    const took = cpu() - began;
    slowest = Math.max(slowest, took);
    const found = why ?? (took > longest ? `it took ${Math.round(took)} ms of CPU` : undefined);
    if (found !== undefined && findings.size < mostFindings)
      findings.set(kindOf(found), { why: found, input });
  };
  for (const seed of door.seeds) await enter(seed);
  await coverage?.fresh();
  const before = heap();
  for (let done = 0; done < options.inputs; done += batch) {
    const inputs = Array.from({ length: Math.min(batch, options.inputs - done) }, () =>
      mutated(random, { inputs: corpus, tokens: door.tokens }),
    );
    for (const input of inputs) await enter(input);
    if (coverage !== undefined && (await coverage.fresh()) > 0) corpus.push(...inputs.slice(0, 8));
  }
  const heapGrowth = Math.round(heap() - before);
  if (heapGrowth > mostGrowth)
    findings.set('memory', { why: `the heap has grown by ${heapGrowth} MB`, input: '' });
  return {
    door: door.name,
    inputs: door.seeds.length + options.inputs,
    ...counts,
    reached: coverage?.reached() ?? 0,
    corpus: corpus.length - door.seeds.length,
    slowestMs: Math.round(slowest),
    heapGrowth,
    findings: [...findings.values()],
  };
}

async function reasonOf(
  door: Door,
  input: string,
  counts: { taken: number; refused: number },
): Promise<string | undefined> {
  try {
    const verdict = await door.enter(input);
    counts[verdict.kind] += 1;
    return faultOf(verdict);
  } catch (error) {
    return `it throws ${error instanceof Error ? (error.stack ?? error.message) : shortened(String(error))}`;
  }
}

/** One finding for each place, not one for each input. */
const kindOf = (why: string): string =>
  /src\/[\w/-]+\.ts:\d+/.exec(why)?.[0] ?? why.replaceAll(/"[^"]*"|\d+/g, '#').slice(0, 60);
