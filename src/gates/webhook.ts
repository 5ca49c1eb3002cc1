/** The gate that asks a webhook: a change calendar, a ticket system, whatever has the last word before a node goes. */
import { createHmac } from 'node:crypto';
import type { Blocker } from '../reboot/blockers.ts';
import type { WebhookGate } from '../reboot/policy.ts';
import type { Clock, Gatekeeper, StartQuestion } from '../reboot/ports.ts';
import { isIn } from '../reboot/reboot.ts';
import { second } from '../reboot/time.ts';
import { nameOf } from '../reboot/words.ts';
import type { HttpAnswer, HttpClient, ReadFile } from './http.ts';

export interface WebhookDeps {
  readonly http: HttpClient;
  readonly readFile: ReadFile;
  readonly clock: Clock;
  readonly cluster: string;
}

/**
 * 200 lets it start, 409 keeps it, with the reason in `reason` of a JSON body or as plain text; everything else keeps it as well. With a secret
 * the request says `X-Tugboot-Signature: t=SECONDS,v1=HEX`, the HMAC-SHA256 of `SECONDS.BODY`.
 */
export function webhookGatekeeper(deps: WebhookDeps): Gatekeeper {
  return {
    async ask(question) {
      const { webhook } = question.pool.gates;
      if (webhook === undefined) return [];
      const blocker = await askOne(deps, webhook, question);
      return blocker ? [blocker] : [];
    },
  };
}

async function askOne(
  deps: WebhookDeps,
  webhook: WebhookGate,
  question: StartQuestion,
): Promise<Blocker | undefined> {
  const body = JSON.stringify(factsOf(question, deps.cluster));
  const signature = sign(deps, webhook, body);
  if ('problem' in signature) return closed(signature.problem);
  const answer = await deps.http.call(webhook.access, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...signature.headers },
    timeout: webhook.timeout,
  });
  return blockerOf(answer);
}

function blockerOf(answer: HttpAnswer): Blocker | undefined {
  if (!answer.ok) return closed(answer.problem);
  if (answer.status === 200) return undefined;
  if (answer.status !== 409) return closed(`it answers with status ${answer.status}`);
  const reason = reasonOf(answer.text);
  return {
    code: 'webhook-refused',
    sentence: `The webhook of the pool says no${reason === '' ? '.' : `: ${reason}`}`,
    clears: 'It is asked again every few seconds, and starts when it says yes.',
  };
}

const closed = (problem: string): Blocker => ({
  code: 'gate-unreachable',
  sentence: `The webhook of the pool cannot say whether it may start: ${problem}.`,
  clears: 'It is asked again every few seconds.',
});

const longestReason = 300;

function reasonOf(text: string): string {
  let said: unknown = text;
  try {
    const body: unknown = JSON.parse(text);
    said = typeof body === 'object' && body !== null && 'reason' in body ? body.reason : '';
  } catch {
    // Plain text, then.
  }
  return typeof said === 'string' ? said.replaceAll(/\s+/g, ' ').trim().slice(0, longestReason) : '';
}

function sign(
  { readFile, clock }: WebhookDeps,
  { secretFile }: WebhookGate,
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

/** What is asked about. Fields are added, never changed: others read them. */
function factsOf({ node, pool, reboot }: StartQuestion, cluster: string): object {
  const decision = isIn(reboot, 'Approved') ? reboot.state.decision : undefined;
  return {
    version: 1,
    cluster,
    pool: pool.name,
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
