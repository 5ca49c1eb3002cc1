/** One call of an operator's webhook, and the payload that all webhooks share. */
import { createHmac } from 'node:crypto';
import type { WebhookGate } from '../reboot/policy/pool-gates.ts';
import { type Clock, second } from '../reboot/time/time.ts';
import type { NodeView } from '../reboot/nodes/node-view.ts';
import type { Reboot } from '../reboot/state/reboot.ts';
import { nameOf } from '../reboot/words/words.ts';
import type { HttpClient, ReadFile } from './http.ts';

export interface WebhookDeps {
  readonly http: HttpClient;
  readonly readFile: ReadFile;
  readonly clock: Clock;
  readonly cluster: string;
}

export type WebhookAnswer =
  | { readonly kind: 'yes' }
  /** `final`: another call would not help. */
  | { readonly kind: 'no'; readonly reason: string; readonly final: boolean }
  /** No valid answer; the problem follows a colon in a sentence. */
  | { readonly kind: 'none'; readonly problem: string };

/**
 * 200 means yes. 409 means no, with the reason in `reason` of a JSON body or as plain text. Everything else
 * is no answer. With a secret the request has the header `X-Tugboot-Signature: t=SECONDS,v1=HEX`, the
 * HMAC-SHA256 of `SECONDS.BODY`.
 */
export async function askWebhook(
  deps: WebhookDeps,
  webhook: WebhookGate,
  facts: object,
): Promise<WebhookAnswer> {
  const body = JSON.stringify(facts);
  const signature = signatureOf(deps, webhook, body);
  if ('problem' in signature) return { kind: 'none', problem: signature.problem };
  const answer = await deps.http.call(webhook.access, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...signature.headers },
    timeout: webhook.timeout,
  });
  if (!answer.ok) return { kind: 'none', problem: answer.problem };
  if (answer.status === 200) return { kind: 'yes' };
  if (answer.status !== 409) return { kind: 'none', problem: `it answers with status ${answer.status}` };
  return { kind: 'no', ...refusalOf(answer.text) };
}

const longestReason = 300;

function refusalOf(text: string): { readonly reason: string; readonly final: boolean } {
  let said: unknown = text;
  let final = false;
  try {
    const body: unknown = JSON.parse(text);
    const isObject = typeof body === 'object' && body !== null;
    said = isObject && 'reason' in body ? body.reason : '';
    final = isObject && 'final' in body && body.final === true;
  } catch {
    // Plain text.
  }
  const reason = typeof said === 'string' ? said.replaceAll(/\s+/g, ' ').trim().slice(0, longestReason) : '';
  return { reason, final };
}

/** Headers with the signature, where the webhook has a secret. */
export function signatureOf(
  { readFile, clock }: Pick<WebhookDeps, 'readFile' | 'clock'>,
  { secretFile }: Pick<WebhookGate, 'secretFile'>,
  body: string,
): { readonly headers: Readonly<Record<string, string>> } | { readonly problem: string } {
  if (secretFile === undefined) return { headers: {} };
  try {
    const at = Math.floor(clock.now() / second);
    const hex = createHmac('sha256', readFile(secretFile).trim()).update(`${at}.${body}`).digest('hex');
    return { headers: { 'x-tugboot-signature': `t=${at},v1=${hex}` } };
  } catch {
    return { problem: `its secret cannot be read (${secretFile})` };
  }
}

export interface WebhookSubject {
  readonly node: Pick<NodeView, 'name' | 'labels'>;
  readonly pool: string;
  readonly reboot: Reboot;
}

/** The payload, a public contract: fields may be added, never changed or removed. */
export function factsOf({ node, pool, reboot }: WebhookSubject, cluster: string): object {
  const decision = 'decision' in reboot.state ? reboot.state.decision : undefined;
  return {
    version: 1,
    cluster,
    pool,
    node: { name: node.name, labels: node.labels, controlPlane: reboot.facts.controlPlane },
    reboot: {
      name: reboot.name,
      since: reboot.need.since,
      packages: reboot.need.packages,
      kernel: reboot.need.kernel,
    },
    ...(decision
      ? {
          decision: {
            mode: decision.mode,
            at: decision.at,
            by: decision.approvals.map(({ by }) => nameOf(by)),
          },
        }
      : {}),
  };
}
