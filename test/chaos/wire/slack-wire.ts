/** The way between a bot and Slack: calls of the Web API, and payloads in place of Socket Mode's frames. */
import type { App } from '@slack/bolt';
import type { SlackNetwork } from '../../../src/bot/connection/slack-network.ts';
import type { Parts } from '../../../demo/slack/assemble.ts';
import type { Envelope } from '../../../demo/slack/socket/deliveries.ts';
import type { SocketHub } from '../../../demo/slack/socket/socket-hub.ts';
import type { Json } from '../../../demo/slack/json.ts';
import type { Dice } from '../time/randomness.ts';
import type { Process } from '../time/process.ts';
import type { VirtualTime } from '../time/virtual-time.ts';
import type { Fates } from './fates.ts';

export const slackUrl = 'https://slack.chaos';

interface Listening {
  readonly bot: number;
  readonly process: Process;
  readonly app: App;
}

export interface SlackSide {
  readonly hub: SocketHub;
  readonly listening: Set<Listening>;
}

export interface SlackSideDeps {
  readonly time: VirtualTime;
  readonly dice: Dice;
  readonly fates: Fates;
  readonly onDelivered: (envelope: Envelope, to: string) => void;
}

const ackDeadline = 3_000;

/** Gives each payload to one of the bots that listen, as Slack does. */
export function slackSide(deps: SlackSideDeps): SlackSide {
  const { time, dice, fates } = deps;
  const listening = new Set<Listening>();
  const reachable = (): readonly Listening[] =>
    [...listening].filter(({ bot }) => !fates.holds('socket-away', bot) && !fates.holds('slack-away', bot));
  return {
    listening,
    hub: {
      ticket: () => '',
      accept: () => undefined,
      open: () => reachable().length,
      deliver(envelope) {
        const chosen = dice.pick(reachable());
        if (chosen === undefined) return Promise.resolve({ kind: 'no-socket' });
        deps.onDelivered(envelope, chosen.process.name);
        const copies = dice.chance(0.1) ? 2 : 1;
        return new Promise((resolve) => {
          const cancel = time.after(ackDeadline, () => resolve({ kind: 'timeout' }));
          const ack = async (payload?: unknown): Promise<void> => {
            // As over the wire.
            const text = JSON.stringify(payload === undefined || payload === '' ? {} : payload);
            time.after(dice.between(5, 60), () => {
              cancel();
              resolve({ kind: 'acked', payload: JSON.parse(text) as Json });
            });
          };
          for (let copy = 0; copy < copies; copy += 1)
            time.after(dice.between(5, 400), () =>
              chosen.process.deliver(
                () =>
                  void chosen.app.processEvent({ body: { ...envelope.payload }, ack }).catch(() => undefined),
              ),
            );
        });
      },
      disconnect: () => undefined,
      drop: () => undefined,
      duplicateNextEnvelope: () => undefined,
      delayAcks: () => undefined,
      close: async () => undefined,
    },
  };
}

export interface SlackWireDeps {
  readonly time: VirtualTime;
  readonly dice: Dice;
  readonly process: Process;
  readonly bot: number;
  readonly fates: Fates;
  readonly side: SlackSide;
  readonly parts: () => Pick<Parts, 'dispatch' | 'responseUrls'>;
  readonly crash: () => void;
  readonly freeze: () => void;
  readonly onCall: (actor: string) => void;
}

export const slackNetwork = (deps: SlackWireDeps): SlackNetwork => ({
  fetch: (url, init) => call(deps, String(url), init as Init),
  openSocket: ({ clock, sleep }) => {
    const { side, fates, bot, process } = deps;
    let mine: Listening | undefined;
    let away: number | undefined = clock.now();
    return {
      start: async (app) => {
        await sleep(50);
        if (fates.holds('socket-away', bot) || fates.holds('slack-away', bot))
          throw new Error('Slack cannot be reached to open a socket');
        mine = { bot, process, app };
        side.listening.add(mine);
        away = undefined;
      },
      stop: async () => void (mine && side.listening.delete(mine)),
      health: () => ({ ok: true }),
      isAppShared: () => false,
      awaySince: () => {
        if (!fates.holds('socket-away', bot) && mine !== undefined) away = undefined;
        else away ??= clock.now();
        return away;
      },
    };
  },
});

interface Init {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

const silence = 10_000;

function call(deps: SlackWireDeps, url: string, init: Init): Promise<Response> {
  const { fates, bot, process, time, dice } = deps;
  const name = url.includes('/response/') ? 'response_url' : url.slice(url.lastIndexOf('/') + 1);
  return new Promise((resolve, reject) => {
    const cancel = process.after(silence, () => reject(new Error('no answer')));
    const end = (how: () => void): void =>
      void time.after(dice.between(5, 150), () =>
        process.deliver(() => {
          cancel();
          how();
        }),
      );
    const isEffect = /^(chat|views)\.|^response_url/.test(name);
    const fate = isEffect ? fates.meet(bot, name) : undefined;
    if (fate === 'crash-before') return void time.after(0, deps.crash);
    const arrive = (): void => {
      if (fates.holds('slack-away', bot))
        return dice.chance(0.5) ? end(() => reject(new Error('reset'))) : undefined;
      const trouble = troubleOf(deps, fate);
      if (trouble !== undefined) return end(() => resolve(trouble));
      time.after(dice.between(5, 150), () => {
        deps.onCall(process.name);
        const answer = carryOut(deps, url, name, init);
        if (fate === 'twice') carryOut(deps, url, name, init);
        if (fate === 'crash-after') return void time.after(0, deps.crash);
        if (fate === 'freeze-after') time.after(0, deps.freeze);
        if (fate === 'hang') return undefined;
        if (fate === 'lose-answer') return end(() => reject(new Error('reset')));
        return end(() => resolve(answer));
      });
    };
    if (fate === 'freeze-before')
      time.after(0, () => {
        deps.freeze();
        process.deliver(arrive);
      });
    else arrive();
  });
}

function troubleOf({ fates, bot, dice }: SlackWireDeps, fate: string | undefined): Response | undefined {
  const limited = fates.holds('slack-limited', bot) && dice.chance(0.7);
  if (limited)
    return new Response('{"ok":false,"error":"ratelimited"}', {
      status: 429,
      headers: { 'retry-after': '3' },
    });
  if (fate !== 'fail' && !(fates.holds('slack-erring', bot) && dice.chance(0.6))) return undefined;
  if (dice.chance(0.3)) return new Response('<html>so sorry</html>', { status: 200 });
  return new Response('{"ok":false,"error":"internal_error"}', { status: dice.pick([500, 502, 503]) });
}

function carryOut(
  { parts }: SlackWireDeps,
  url: string,
  name: string,
  { headers, body = '' }: Init,
): Response {
  if (name === 'response_url') {
    const { status, body: said } = parts().responseUrls.post(
      url.slice(url.lastIndexOf('/') + 1),
      JSON.parse(body),
    );
    return new Response(said, { status });
  }
  const args = Object.fromEntries(new URLSearchParams(body));
  const bearer =
    Object.entries(headers ?? {}).find(([key]) => key.toLowerCase() === 'authorization')?.[1] ?? '';
  const answer = parts().dispatch({
    method: name,
    args,
    token: bearer.replace(/^Bearer /, ''),
    userAgent: '',
  });
  if (typeof answer === 'string') throw new Error('the chaos breaks connections itself');
  return new Response(answer.body, { status: answer.status, headers: answer.headers });
}
