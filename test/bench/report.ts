/** What benches measure, and how they say it. */
export interface Row {
  readonly what: string;
  /** The figure that the aim is about. */
  readonly value: number;
  readonly unit: string;
  /** As it reads: "< 1000". */
  readonly aim: string;
  readonly ok: boolean;
  readonly median: number;
  readonly max: number;
  readonly samples: number;
}

export type Bench = (runs: number, tell: (line: string) => void) => Promise<readonly Row[]>;

const sorted = (values: readonly number[]): readonly number[] => [...values].sort((a, b) => a - b);

/** Nearest rank: the smallest value that at least `share` of the values do not exceed. */
export function percentile(values: readonly number[], share: number): number {
  const ordered = sorted(values);
  return ordered[Math.max(0, Math.ceil(share * ordered.length) - 1)] ?? Number.NaN;
}

export interface Aim {
  readonly what: string;
  readonly unit: string;
  /** Of the samples, which share must be below (or at) the limit: 0.5 for the median, 0.99, 1 for all. */
  readonly share: number;
  readonly limit: number;
}

export function row({ what, unit, share, limit }: Aim, samples: readonly number[]): Row {
  const value = percentile(samples, share);
  const name = share === 1 ? 'max' : `p${Math.round(share * 100)}`;
  return {
    what: `${what} (${name})`,
    value,
    unit,
    aim: `≤ ${limit}`,
    // A sample that is not a number is a missing observation: then the aim is missed, whatever the others
    // are.
    ok: samples.every(Number.isFinite) && value <= limit,
    median: percentile(samples, 0.5),
    max: percentile(samples, 1),
    samples: samples.length,
  };
}

interface Report {
  readonly bench: string;
  readonly machine: string;
  readonly runs: number;
  readonly rows: readonly Row[];
  readonly json: boolean;
}

export function report({ bench, machine, runs, rows, json }: Report): string {
  const header = ['what', 'value', 'unit', 'aim', 'ok', 'median', 'max', 'samples'];
  const cells = rows.map((each) => [
    each.what,
    String(each.value),
    each.unit,
    each.aim,
    each.ok ? 'yes' : 'NO',
    String(each.median),
    String(each.max),
    String(each.samples),
  ]);
  const widths = header.map((title, column) =>
    Math.max(title.length, ...cells.map((line) => line[column]?.length ?? 0)),
  );
  const line = (values: readonly string[]): string =>
    `| ${values.map((value, column) => value.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`;
  const table = [`${bench}: ${runs} runs on ${machine}`, '', line(header), rule, ...cells.map(line)].join(
    '\n',
  );
  if (!json) return table;
  const aims = rows.map(({ what, value, unit, aim, ok }) => ({ what, value, unit, aim, ok }));
  return `${table}\n${JSON.stringify({ bench, machine, runs, aims })}`;
}
