/** A validating webhook for evictions over HTTPS on loopback, as operators run that move pods themselves. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { join } from 'node:path';
import { textAt } from '../../src/k8s/api/json-value.ts';
import type { TestCluster } from './harness/test-cluster.ts';
import { handOf } from '../k8s/world/hand.ts';

export type Verdict = 'allowed' | { readonly code: number; readonly message: string };

export interface DrainWebhook {
  /** What it says of the eviction of each pod, by name, from now on. At first it allows all. */
  onEviction(judge: (pod: string) => Verdict): void;
  close(): Promise<void>;
}

const configurations = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations';
const name = 'drain-webhook';

/**
 * It is known by a certificate for 127.0.0.1 that is its own authority: the pair that the API server made
 * itself when it started.
 */
export async function openDrainWebhook({ plane, admin }: TestCluster): Promise<DrainWebhook> {
  if (plane === undefined) throw new Error('only an API server of our own shares our loopback');
  const pair = (end: string): string =>
    readFileSync(join(plane.directory, 'certificates', `apiserver.${end}`), 'utf8');
  let judge: (pod: string) => Verdict = () => 'allowed';
  const server = createServer({ cert: pair('crt'), key: pair('key') }, (incoming, outgoing) => {
    void json(incoming).then((review) => {
      const body = JSON.stringify(answerTo(review, judge));
      outgoing.writeHead(200, { 'content-type': 'application/json' }).end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/evictions`;
  const hand = handOf(admin);
  await hand.ask({ method: 'POST', path: configurations, body: configuration(url, pair('crt')) });
  return {
    onEviction: (next) => void (judge = next),
    async close() {
      await hand.ask({ method: 'DELETE', path: `${configurations}/${name}` });
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const configuration = (url: string, ca: string): unknown => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingWebhookConfiguration',
  metadata: { name },
  webhooks: [
    {
      name: 'moves.drain.example',
      clientConfig: { url, caBundle: Buffer.from(ca).toString('base64') },
      rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods/eviction'] }],
      // The API server may call it for a moment after its removal, which must not affect the next test.
      failurePolicy: 'Ignore',
      sideEffects: 'None',
      admissionReviewVersions: ['v1'],
    },
  ],
});

/** https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#response */
function answerTo(review: unknown, judge: (pod: string) => Verdict): unknown {
  const verdict = judge(textAt(review, 'request', 'name') ?? '');
  const uid = textAt(review, 'request', 'uid');
  const response = verdict === 'allowed' ? { uid, allowed: true } : { uid, allowed: false, status: verdict };
  return { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response };
}
