import { excludeFromLoadBalancersLabel, nodeContract } from '../../reboot/nodes/node-contract.ts';
import { drainMarkOn } from './drain-conditions.ts';
import {
  isLabelKey,
  isLabelValue,
  isOwnAnnotation,
  isReservedLabel,
} from '../../reboot/policy/label-syntax.ts';
import type { ManagedLabels } from '../../reboot/nodes/node-view.ts';
import type { PutValue } from '../../reboot/nodes/put-values.ts';
import { field, textAt } from '../api/json-value.ts';
import { annotationOn, type KubeNode } from './kube-node.ts';

/** In characters: limit of our note about labels and annotations. No configuration produces a longer one. */
const longest = 65_536;

/** Truncates: this is cached for each node, and annotations have no useful limit. */
const short = (node: KubeNode, key: string): string | undefined => annotationOn(node, key)?.slice(0, 300);

/** The index of our taint, or -1. Others may use its key with another effect. */
export const taintIndex = (node: KubeNode): number =>
  (node.spec?.taints ?? []).findIndex(
    ({ key, effect }) => key === nodeContract.waiting.key && effect === 'PreferNoSchedule',
  );

/**
 * Our labels, annotations and taint on a Node. A node's kubelet may write its annotations, so all of them are
 * validated.
 */
export function readManagedLabels(node: KubeNode): ManagedLabels | undefined {
  const state = short(node, nodeContract.state.key);
  const reboot = short(node, nodeContract.reboot.key);
  const lastReboot = short(node, nodeContract.lastReboot.key);
  const noted = annotationOn(node, nodeContract.managed.key);
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

type Noted = Pick<ManagedLabels, 'labels' | 'annotations' | 'labelsFor' | 'unreadable'>;

export const notedText = ({ labels, annotations, labelsFor }: Noted): string =>
  JSON.stringify({
    ...(labelsFor === undefined ? {} : { reboot: labelsFor }),
    labels,
    ...(annotations === undefined ? {} : { annotations }),
  });

const unreadable: Noted = { labels: {}, unreadable: true };

function readNoted(text: string): Noted {
  const value = parsed(text);
  const labels = readPut(field(value, 'labels'), readLabel);
  // Absent in notes of earlier versions.
  const annotations = readPut(field(value, 'annotations') ?? {}, readAnnotation);
  if (labels === undefined || annotations === undefined) return unreadable;
  const annotated = Object.keys(annotations).length > 0;
  // Tugboot writes no empty note.
  if (!annotated && Object.keys(labels).length === 0) return unreadable;
  const labelsFor = textAt(value, 'reboot');
  return {
    labels,
    ...(annotated ? { annotations } : {}),
    ...(labelsFor === undefined ? {} : { labelsFor }),
  };
}

type ReadValue = (key: string, value: unknown) => PutValue | undefined;

function readPut(found: unknown, read: ReadValue): ManagedLabels['labels'] | undefined {
  if (typeof found !== 'object' || found === null || Array.isArray(found)) return undefined;
  const entries = Object.entries(found).map(([key, value]) => [key, read(key, value)] as const);
  return entries.every((entry): entry is readonly [string, PutValue] => entry[1] !== undefined)
    ? Object.fromEntries(entries)
    : undefined;
}

function parsed(text: string): unknown {
  if (text.length > longest) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Undefined for labels that Tugboot never writes: a forged note must not use our rights to change reserved
 * labels.
 */
const readLabel: ReadValue = (key, value) =>
  isLabelKey(key) && (!isReservedLabel(key) || key === excludeFromLoadBalancersLabel)
    ? readValue(value, isLabelValue)
    : undefined;

/** A kubelet may write every annotation of its Node, so a forged note gains nothing. */
const readAnnotation: ReadValue = (key, value) =>
  isLabelKey(key) && !isOwnAnnotation(key) ? readValue(value, () => true) : undefined;

function readValue(value: unknown, valid: (text: string) => boolean): PutValue | undefined {
  const put = textAt(value, 'put');
  const was = textAt(value, 'was');
  if (put === undefined || !valid(put)) return undefined;
  if (was === undefined) return field(value, 'was') === undefined ? { put } : undefined;
  return valid(was) ? { put, was } : undefined;
}
