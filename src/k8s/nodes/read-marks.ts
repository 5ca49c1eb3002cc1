import { excludeFromLoadBalancersLabel, nodeContract } from '../../reboot/node-contract.ts';
import { drainMarkOn } from './drain-conditions.ts';
import { isLabelKey, isLabelValue, isReservedLabel } from '../../reboot/label-syntax.ts';
import type { NodeMarks, PutLabel } from '../../reboot/node-marks.ts';
import { field, listAt, textAt } from '../api/json-value.ts';

/** What we note of labels; longer than any configuration makes it. */
const longest = 16_384;

const annotation = (node: unknown, key: string): string | undefined =>
  textAt(node, 'metadata', 'annotations', key);

/** Of what is kept for each node; an annotation may hold a book. */
const short = (node: unknown, key: string): string | undefined => annotation(node, key)?.slice(0, 300);

/** The place of our taint; -1: it is not there. Others may use its key with another effect. */
export const taintIndex = (node: unknown): number =>
  listAt(node, 'spec', 'taints').findIndex(
    (taint) =>
      textAt(taint, 'key') === nodeContract.waiting.key && textAt(taint, 'effect') === 'PreferNoSchedule',
  );

/** What a Node wears of ours. Its own kubelet may write annotations, so that nothing in them is taken on trust. */
export function readMarks(node: unknown): NodeMarks | undefined {
  const state = short(node, nodeContract.state.key);
  const reboot = short(node, nodeContract.reboot.key);
  const lastReboot = short(node, nodeContract.lastReboot.key);
  const noted = annotation(node, nodeContract.marks.key);
  const waiting = taintIndex(node) >= 0;
  const drain = drainMarkOn(node);
  const absent = [state, reboot, lastReboot, noted].every((text) => text === undefined);
  if (absent && !waiting && drain === undefined) return undefined;
  return {
    waiting,
    ...(state === undefined ? {} : { state }),
    ...(reboot === undefined ? {} : { reboot }),
    ...(lastReboot === undefined ? {} : { lastReboot }),
    ...(drain === undefined ? {} : { drain }),
    ...(noted === undefined ? { labels: {} } : readNoted(noted)),
  };
}

type Noted = Pick<NodeMarks, 'labels' | 'labelsFor' | 'unreadable'>;

export const notedText = ({ labels, labelsFor }: Noted): string =>
  JSON.stringify({ ...(labelsFor === undefined ? {} : { reboot: labelsFor }), labels });

function readNoted(text: string): Noted {
  const value = parsed(text);
  const found = field(value, 'labels');
  if (typeof found !== 'object' || found === null || Array.isArray(found))
    return { labels: {}, unreadable: true };
  // Where there is nothing to note there is no note.
  if (Object.keys(found).length === 0) return { labels: {}, unreadable: true };
  const entries = Object.entries(found).map(([key, label]) => [key, readLabel(key, label)] as const);
  if (!entries.every((entry): entry is readonly [string, PutLabel] => entry[1] !== undefined))
    return { labels: {}, unreadable: true };
  const labelsFor = textAt(value, 'reboot');
  return { labels: Object.fromEntries(entries), ...(labelsFor === undefined ? {} : { labelsFor }) };
}

function parsed(text: string): unknown {
  if (text.length > longest) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Undefined for what we never write: with our rights nobody else may change what only Kubernetes may. */
function readLabel(key: string, value: unknown): PutLabel | undefined {
  const put = textAt(value, 'put');
  const was = textAt(value, 'was');
  if (!isLabelKey(key) || (isReservedLabel(key) && key !== excludeFromLoadBalancersLabel)) return undefined;
  if (put === undefined || !isLabelValue(put)) return undefined;
  if (was === undefined) return field(value, 'was') === undefined ? { put } : undefined;
  return isLabelValue(was) ? { put, was } : undefined;
}
