/** Pods that arrived during the drain and stay, with the reason in words. */
import type { KeptPod } from '../../reboot/state/drain-facts.ts';
import { type Mrkdwn, say } from '../blocks/escape.ts';
import { namesInWords } from './phrases.ts';

type Sentence = (pods: Mrkdwn, isOne: boolean) => Mrkdwn;

const sentences: Readonly<Record<KeptPod['why'], Sentence>> = {
  tolerates: (pods, isOne) =>
    say`${pods} came back here, since ${isOne ? 'it tolerates' : 'they tolerate'} the cordon, and ${isOne ? 'stays' : 'stay'}.`,
  named: (pods, isOne) =>
    say`${pods} ${isOne ? 'is' : 'are'} bound to this node by name, and ${isOne ? 'stays' : 'stay'}.`,
  again: (pods, isOne) =>
    say`${pods} ${isOne ? 'stays' : 'stay'}: pods of the same controller were evicted from here again and again, and new ones came each time.`,
};

/** One sentence per reason. */
export const keptPods = (kept: readonly KeptPod[]): readonly Mrkdwn[] =>
  [...Map.groupBy(kept, ({ why }) => why)].map(([why, pods]) =>
    sentences[why](namesInWords(pods.map(({ pod }) => pod)), pods.length === 1),
  );
