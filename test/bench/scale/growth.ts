// How a figure grows with the size: the slope between the logarithms, by least squares.
export interface Point {
  readonly size: number;
  readonly value: number;
}

/** What is below this is noise of the measurement, and has no logarithm at zero. */
const least = 0.01;

export function growthOf(points: readonly Point[]): number {
  const logs = points.map(({ size, value }) => ({ x: Math.log(size), y: Math.log(Math.max(least, value)) }));
  const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
  const [x, y] = [mean(logs.map((log) => log.x)), mean(logs.map((log) => log.y))];
  const slope =
    logs.reduce((sum, log) => sum + (log.x - x) * (log.y - y), 0) /
    logs.reduce((sum, log) => sum + (log.x - x) ** 2, 0);
  return Math.round(slope * 100) / 100;
}
