/** Single calls of Slack's Web API, for `tugboot doctor`: no queue, no retry, and the scopes of the token. */
import { PortError } from '../reboot/ports/port-error.ts';
import { second } from '../reboot/time/time.ts';

export interface SlackProbeOptions {
  readonly botToken: string;
  readonly appToken: string;
  /** Base address of the Web API with a final slash; Slack's own if undefined. */
  readonly apiUrl?: string;
}

/** An answer of Slack, which may be a refusal. */
export interface ProbeAnswer {
  readonly ok: boolean;
  readonly error?: string;
  readonly [field: string]: unknown;
}

export interface SlackProbe {
  /** `scopes`: those of the bot token. Rejects with a `PortError` when there is no answer. */
  bot(
    method: string,
    args: Readonly<Record<string, string>>,
  ): Promise<{ readonly body: ProbeAnswer; readonly scopes: readonly string[] }>;
  app(method: string): Promise<ProbeAnswer>;
}

export function slackProbe({
  botToken,
  appToken,
  apiUrl = 'https://slack.com/api/',
}: SlackProbeOptions): SlackProbe {
  const call = async (
    token: string,
    method: string,
    args: Readonly<Record<string, string>>,
  ): Promise<{ readonly body: ProbeAnswer; readonly scopes: readonly string[] }> => {
    try {
      const response = await fetch(new URL(method, apiUrl), {
        method: 'POST',
        headers: { authorization: `Bearer ${token}` },
        body: new URLSearchParams(args),
        signal: AbortSignal.timeout(10 * second),
      });
      const body = (await response.json()) as ProbeAnswer;
      const scopes = (response.headers.get('x-oauth-scopes') ?? '').split(',').map((scope) => scope.trim());
      return { body, scopes };
    } catch (cause) {
      throw new PortError(
        'chat-unreachable',
        'Slack cannot be reached, or something between answers for it.',
        {
          retryable: true,
          cause,
        },
      );
    }
  };
  return {
    bot: (method, args) => call(botToken, method, args),
    app: async (method) => (await call(appToken, method, {})).body,
  };
}
