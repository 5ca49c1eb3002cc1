/** The gates of a pool, besides its windows and limits. */
import { z } from 'zod';
import { accessSettings, webhookSettings } from '../http-access.ts';
import { duration, isExpression, selector } from './schema-parts.ts';

export const topologySchema = z.strictObject(
  {
    label: z
      .string({ error: 'A label, such as topology.kubernetes.io/zone.' })
      .regex(/^([a-z0-9.-]+\/)?[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/, {
        error: 'A label, such as topology.kubernetes.io/zone.',
      })
      .default('topology.kubernetes.io/zone')
      .describe('Node label that names the zone or rack. Default topology.kubernetes.io/zone.'),
    atOnce: z
      .int({ error: 'A whole number.' })
      .min(1, { error: 'At least 1.' })
      .default(1)
      .describe('Zones with a node out through Tugboot at once. Default 1.'),
  },
  { error: 'The topology is written as `label:` and `atOnce:`.' },
);

const share = 'Shares look like "10%", and grow from one to the next.';

export const rolloutSchema = z.strictObject(
  {
    canary: z
      .int({ error: 'A whole number.' })
      .min(1, { error: 'At least 1.' })
      .default(1)
      .describe('Nodes that go first. Default 1.'),
    bake: duration('30m', 'How long the nodes of a stage have to be well before the next begins.'),
    batches: z
      .array(z.string({ error: share }).regex(/^([1-9]\d?|100)%$/, { error: share }), { error: share })
      .refine(grows, { error: share })
      .default(['10%', '50%', '100%'])
      .describe('Shares of the pool that are done by the end of each further stage. Default 10%, 50%, 100%.'),
  },
  { error: 'A rollout is written as `canary:`, `bake:` and `batches:`.' },
);

function grows(shares: readonly string[]): boolean {
  const numbers = shares.map((each) => Number.parseInt(each, 10));
  return numbers.every((number, nth) => nth === 0 || number > (numbers[nth - 1] ?? 0));
}

export const minTimeBetweenSchema = z.strictObject(
  {
    pool: duration('0s', 'From the end of a reboot of the pool to the start of its next.'),
    node: duration('0s', 'The same for one node.'),
  },
  { error: 'The least time is written as `pool:` and `node:`.' },
);

const expression = (what: string) =>
  z
    .string({ error: 'A regular expression.' })
    .min(1, { error: 'A regular expression.' })
    .refine(isExpression, { error: 'No regular expression: a bracket is open, say, or nothing is repeated.' })
    .describe(what);

const alertmanagerSchema = z.strictObject(accessSettings, { error: 'Written as `url:` and its access.' });

const prometheusSchema = z.strictObject(
  {
    name: z
      .string({ error: 'A name for people.' })
      .regex(/^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/, {
        error: 'Names are lower-case letters, digits and dashes, at most 40.',
      })
      .default('prometheus')
      .describe('Its name, for people.'),
    ...accessSettings,
    alerts: z
      .strictObject(
        {
          include: expression(
            'Only alerts whose whole name matches count. Without it, all but those that begin with Tugboot.',
          ).optional(),
          exclude: expression('Alerts whose whole name matches do not count.').optional(),
          pending: z
            .boolean({ error: 'Write true or false.' })
            .default(false)
            .describe('Do pending alerts count as well? Default false.'),
        },
        { error: 'Alerts are chosen by `include:`, `exclude:` and `pending:`.' },
      )
      .optional()
      .describe('No such alert may be firing. Without it alerts do not count; `{}` counts all.'),
    queries: z
      .array(
        z.strictObject(
          {
            name: z
              .string({ error: 'A name for people.' })
              .min(1, { error: 'A name for people.' })
              .describe('What it is about, for people.'),
            promql: z
              .string({ error: 'A PromQL expression.' })
              .min(1, { error: 'A PromQL expression.' })
              .describe('The expression.'),
          },
          { error: 'A query is written as `name:` and `promql:`.' },
        ),
        { error: 'Queries are a list.' },
      )
      .default([])
      .describe('PromQL expressions that have to have no result.'),
    alertmanager: alertmanagerSchema
      .optional()
      .describe('Its Alertmanager: what is silenced there does not count.'),
  },
  { error: 'A Prometheus is written as `url:` and what has to be quiet.' },
);

export const webhookSchema = z.strictObject(
  {
    ...webhookSettings,
    timeout: duration('10s', 'How long it may take to answer.'),
  },
  { error: 'The webhook is written as `url:` and its access.' },
);

const podAnnotation = 'An annotation, such as karpenter.sh/do-not-disrupt=true.';

export const gatesSchema = z.strictObject(
  {
    blockingPods: z
      .array(selector('A pod on the node that matches, and has not finished, keeps it from starting.'), {
        error: 'Blocking pods are a list of label selectors.',
      })
      .default([])
      .describe('Label selectors: a pod on the node that matches one, and has not finished, blocks.'),
    podAnnotations: z
      .array(
        z
          .string({ error: podAnnotation })
          .regex(
            /^([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?(=.*)?$/,
            {
              error: podAnnotation,
            },
          ),
        { error: 'Annotations of pods are a list.' },
      )
      .default([])
      .describe(
        'Annotations, `key` or `key=value`: a pod on the node that bears one, and that a drain would move, blocks.',
      ),
    healthyPods: z
      .array(
        z.strictObject(
          {
            selector: selector('Label selector of the pods; empty means all of them.').default(''),
            namespace: z
              .string({ error: 'A namespace, such as kube-system.' })
              .regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, { error: 'A namespace, such as kube-system.' })
              .optional()
              .describe('Namespace of the pods; all where absent.'),
            mostNotReady: z
              .int({ error: 'A whole number.' })
              .min(0, { error: 'Write 0 or more.' })
              .default(0)
              .describe('So many may be pending or not ready. Default 0.'),
          },
          { error: 'Healthy pods are written as `selector:` and `mostNotReady:`.' },
        ),
        { error: 'Healthy pods are a list.' },
      )
      .default([])
      .describe('Pods anywhere that have to be ready before a node may start.'),
    prometheus: z
      .array(prometheusSchema, { error: 'Prometheus servers are a list.' })
      .default([])
      .describe('Prometheus servers that have to be quiet before a node may start.'),
    webhook: webhookSchema
      .optional()
      .describe('A webhook that is asked before each start: 200 yes, 409 with a reason no.'),
    waitForPackageManager: duration(
      '30m',
      'How long a node waits while packages of its host are being changed. Then a person has to approve it once more. 0s: it does not wait.',
    ),
    waitForJobs: duration(
      '0s',
      'How long a node waits in all for the Jobs that run on it, from when it could otherwise have started.',
    ),
  },
  { error: 'Gates have names, such as `blockingPods:`.' },
);
