/**
 * The metrics and labels that an expression of PromQL names, for the expressions of the chart. Its grammar is
 * checked by promtool.
 */
import { type MetricDefinition, metricTable } from '../../../src/ops/metrics/table.ts';

const words = new Set(
  'by on ignoring group_left without or and unless bool offset time vector absent rate increase sum min max count histogram_quantile'.split(
    ' ',
  ),
);

const matches = (text: string, pattern: RegExp): readonly RegExpExecArray[] => [...text.matchAll(pattern)];
const listOf = (text = ''): readonly string[] => text.split(/[\s,]+/).filter((name) => name !== '');

/** The text between an opening parenthesis and the one that closes it. */
function insideAt(text: string, start: number): string {
  let depth = 1;
  for (let at = start; at < text.length; at++) {
    if (text[at] === '(') depth += 1;
    if (text[at] === ')') depth -= 1;
    if (depth === 0) return text.slice(start, at);
  }
  return text.slice(start);
}

/** Labels that the samples of a metric have; undefined where the bot exports none of that name. */
function labelsOf(name: string): readonly string[] | undefined {
  const definition = (metricTable as Readonly<Record<string, MetricDefinition>>)[name];
  if (definition !== undefined) return definition.type === 'histogram' ? undefined : definition.labels;
  const of = (metricTable as Readonly<Record<string, MetricDefinition>>)[
    name.replace(/_(bucket|sum|count)$/, '')
  ];
  if (of?.type !== 'histogram') return undefined;
  return name.endsWith('_bucket') ? [...of.labels, 'le'] : of.labels;
}

const withoutMatchers = (text: string): string =>
  text.replaceAll(/"[^"]*"/g, '').replaceAll(/\{[^}]*\}|\[[^\]]*\]/g, '');
const withoutGroups = (text: string): string =>
  text.replaceAll(/\b(by|on|ignoring|without|group_left)\s*\([^)]*\)/g, '');

/** Every name that is a metric, since it is nothing else. */
export const metricsIn = (expression: string): readonly string[] =>
  matches(withoutGroups(withoutMatchers(expression)), /[a-zA-Z_:][\w:]*/g)
    .map(([name]) => name)
    .filter((name) => !words.has(name));

/** The labels that the result has: those of the first aggregation. */
export const resultLabels = (expression: string): readonly string[] =>
  listOf(/\bby\s*\(([^)]*)\)/.exec(expression)?.[1]);

/** What an expression names and the bot does not export, in words. */
export function unknownIn(expression: string): readonly string[] {
  const lacks = (metric: string, labels: readonly string[]): readonly string[] =>
    labels
      .filter((label) => labelsOf(metric)?.includes(label) === false)
      .map((label) => `${metric}: no ${label}`);
  const unknown = metricsIn(expression).filter((metric) => labelsOf(metric) === undefined);
  const selected = matches(expression, /([a-z]\w*)\{([^}]*)\}/g).flatMap(([, metric = '', matchers = '']) =>
    lacks(
      metric,
      matches(matchers, /(\w+)\s*(?:=~|!~|!=|=)/g).map(([, label = '']) => label),
    ),
  );
  const grouped = matches(expression, /\bby\s*\(([^)]*)\)\s*\(/g).flatMap(({ 0: all, 1: labels, index }) =>
    metricsIn(insideAt(expression, index + all.length)).flatMap((metric) => lacks(metric, listOf(labels))),
  );
  return [...new Set([...unknown.map((metric) => `there is no ${metric}`), ...selected, ...grouped])];
}
