/** Hooks: what is written or sent to other tools for a node, and how long the reboot waits for them. */
import { z } from 'zod';
import { isLabelKey, isLabelValue, isOwnAnnotation, isReservedLabel } from '../../reboot/policy/label-syntax.ts';
import { excludeFromLoadBalancersLabel } from '../../reboot/nodes/node-contract.ts';
import type { HooksPolicy, WebhookHook } from '../../reboot/policy/pool-hooks.ts';
import { day, hour, second } from '../../reboot/time/time.ts';
import { parseDuration } from '../../reboot/time/duration.ts';
import { webhookOf, webhookSettings } from '../http-access.ts';
import { durationText } from './schema-parts.ts';
import { silenceOf, silenceSchema } from './silence-schema.ts';

const labelsAre = 'Labels are written as `key: value`, such as `example.com/maintenance: "true"`.';
const valuesAre =
  'Label values are text of at most 63 letters, digits, dots, dashes and underscores; "true" and numbers need quotes.';

/** Undefined if the key is valid. */
function keyProblem(key: string): string | undefined {
  if (!isLabelKey(key)) return 'That is no key of a label. They look like example.com/maintenance.';
  if (key === excludeFromLoadBalancersLabel)
    return 'Write `excludeFromLoadBalancers: true` under `hooks` instead.';
  if (!isReservedLabel(key)) return undefined;
  return 'Of the labels of kubernetes.io and k8s.io only those of node.kubernetes.io and kubelet.kubernetes.io are for others to write, and no label of tugboot.dev. Use a domain of your own, such as example.com/maintenance.';
}

const labels = (what: string) =>
  z
    .record(z.string(), z.string({ error: valuesAre }), { error: labelsAre })
    .superRefine((found, context) => {
      for (const [key, value] of Object.entries(found)) {
        const message = keyProblem(key) ?? (isLabelValue(value) ? undefined : valuesAre);
        if (message !== undefined) context.addIssue({ code: 'custom', path: [key], message });
      }
    })
    .default({})
    .describe(what);

const annotationsAre =
  'Annotations are written as `key: value`, such as `cluster-autoscaler.kubernetes.io/scale-down-disabled: "true"`.';
const annotationValuesAre =
  'Values of annotations are text of at most 500 characters in one line; "true" and numbers need quotes.';
const mostAnnotations = 16;

/** Annotations that Kubernetes components set on a node and depend on. */
const keptByKubernetes = new Set([
  'alpha.kubernetes.io/provided-node-ip',
  'csi.volume.kubernetes.io/nodeid',
  'kubeadm.alpha.kubernetes.io/cri-socket',
  'kubectl.kubernetes.io/last-applied-configuration',
  'node.alpha.kubernetes.io/ttl',
  'volumes.kubernetes.io/controller-managed-attach-detach',
]);

function annotationProblem(key: string): string | undefined {
  if (!isLabelKey(key)) return 'That is no key of an annotation. They look like example.com/maintenance.';
  if (isOwnAnnotation(key))
    return 'Annotations of tugboot.dev are written by Tugboot itself. Use another domain.';
  return keptByKubernetes.has(key)
    ? 'Kubernetes runs the node by this annotation. Use another one.'
    : undefined;
}

const isAnnotationValue = (value: string): boolean => /^\P{Cc}{0,500}$/u.test(value);

const annotations = (what: string) =>
  z
    .record(z.string(), z.string({ error: annotationValuesAre }), { error: annotationsAre })
    .superRefine((found, context) => {
      const entries = Object.entries(found);
      if (entries.length > mostAnnotations)
        context.addIssue({ code: 'custom', message: `Name at most ${mostAnnotations} annotations.` });
      for (const [key, value] of entries) {
        const message =
          annotationProblem(key) ?? (isAnnotationValue(value) ? undefined : annotationValuesAre);
        if (message !== undefined) context.addIssue({ code: 'custom', path: [key], message });
      }
    })
    .default({})
    .describe(what);

const delay = (what: string) =>
  durationText('Write a duration of at most 1h, such as 30s.')
    .refine((text) => (parseDuration(text) ?? Number.POSITIVE_INFINITY) <= hour, {
      error: 'Write a duration of at most 1h, such as 30s.',
    })
    .default('0s')
    .describe(`${what} At most 1h. Default 0s.`);

const flag = (what: string) =>
  z.boolean({ error: 'Write true or false.' }).default(false).describe(`${what} Default false.`);

const hookTimeout = 'Write a duration from 10s to 24h, such as 10m.';

const isHookTimeout = (text: string): boolean => {
  const duration = parseDuration(text) ?? 0;
  return duration >= 10 * second && duration <= day;
};

const webhook = (what: string) =>
  z
    .strictObject(
      {
        ...webhookSettings,
        timeout: durationText(hookTimeout)
          .refine(isHookTimeout, { error: hookTimeout })
          .default('10m')
          .describe(
            'How long it has from the first question to its yes. It is asked every 15 s, and each answer has 10 s. From 10s to 24h. Default 10m.',
          ),
        onFailure: z
          .enum(['fail', 'continue'], { error: 'Write fail or continue.' })
          .default('fail')
          .describe(
            'Without its yes: `fail` leaves the node cordoned and halts the pool until somebody decides; `continue` goes on without it, and tells the thread. Default fail.',
          ),
      },
      { error: 'A hook is written as `url:` and its access.' },
    )
    .optional()
    .describe(what);

export const hooksSchema = z.strictObject(
  {
    labels: z
      .strictObject(
        {
          before: labels(
            'Put on the node together with its cordon, before the first pod leaves. When the node is given back they are taken back to what stood there before.',
          ),
          after: labels(
            'Put on the node when its reboot has succeeded, instead of what stood there before. They stay until somebody overwrites them.',
          ),
        },
        { error: 'Labels are written under `before:` and `after:`.' },
      )
      .prefault({})
      .describe('Labels for other tools.'),
    annotations: z
      .strictObject(
        {
          before: annotations(
            'Put on the node together with its cordon, before the first pod leaves. When the node is given back they are taken back to what stood there before.',
          ),
          after: annotations(
            'Put on the node when its reboot has succeeded, instead of what stood there before. They stay until somebody overwrites them.',
          ),
        },
        { error: 'Annotations are written under `before:` and `after:`.' },
      )
      .prefault({})
      .describe('Annotations for other tools, such as one that keeps an autoscaler from removing the node.'),
    preferNoSchedule: flag(
      'Keep new pods off a node that waits for its reboot, where others have room: taint tugboot.dev/reboot-waiting:PreferNoSchedule.',
    ),
    annotateState: flag(
      'Annotate the node with tugboot.dev/state and tugboot.dev/reboot while a Reboot of it lives, and with tugboot.dev/last-reboot afterwards.',
    ),
    drainConditions: flag(
      'Set the conditions DrainInProgress and Drained of the node (KEP-5683) from the cordon until the node is given back. Autoscalers may prefer such nodes when they scale in.',
    ),
    excludeFromLoadBalancers: flag(
      'Label node.kubernetes.io/exclude-from-external-load-balancers from the cordon until the node is given back.',
    ),
    drainDelay: delay('How long to wait from the cordon to the first eviction.'),
    rebootDelay: delay('How long to wait from the empty node to the order to reboot.'),
    before: webhook(
      'A webhook that is asked when the node is drained, before it is told to reboot: 200 goes on, 409 waits.',
    ),
    after: webhook(
      'A webhook that is asked when the node has proven itself after its reboot, before it is uncordoned: 200 goes on, 409 waits.',
    ),
    silence: silenceSchema,
  },
  { error: 'Hooks have names, such as `drainDelay: 30s`.' },
);

export const hooksOf = (file: z.infer<typeof hooksSchema>): HooksPolicy => ({
  labels: file.labels,
  annotations: file.annotations,
  preferNoSchedule: file.preferNoSchedule,
  annotateState: file.annotateState,
  drainConditions: file.drainConditions,
  excludeFromLoadBalancers: file.excludeFromLoadBalancers,
  // The schema has refused invalid durations.
  drainDelay: parseDuration(file.drainDelay) ?? 0,
  rebootDelay: parseDuration(file.rebootDelay) ?? 0,
  ...(file.before === undefined ? {} : { before: hookOf(file.before) }),
  ...(file.after === undefined ? {} : { after: hookOf(file.after) }),
  ...(file.silence === undefined ? {} : { silence: silenceOf(file.silence) }),
});

const hookOf = (file: NonNullable<z.infer<typeof hooksSchema>['before']>): WebhookHook => ({
  ...webhookOf(file),
  timeout: parseDuration(file.timeout) ?? 0,
  onFailure: file.onFailure,
});
