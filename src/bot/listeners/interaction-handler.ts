/** Decisions from Slack: identifies the person, passes the decision to the cluster, reports the result. */
import type { DecisionRequest } from '../../reboot/approval/decision-request.ts';
import type { Decisions } from '../../reboot/ports/decisions/decisions.ts';
import type { Examine } from '../../reboot/ports/examination.ts';
import type { Clock } from '../../reboot/time/time.ts';
import type { Logger } from '../../reboot/ports/logger.ts';
import type { ButtonValue } from '../payload/action-ids.ts';
import type { Home } from '../home/home.ts';
import type { LiveViews } from '../live/live-views.ts';
import type { Origin } from '../payload/origin.ts';
import { lines, message, type MessageView } from '../blocks/blocks.ts';
import type { Directory, Identity } from '../people/directory.ts';
import { errorSentence } from '../error-sentence.ts';
import { say } from '../blocks/escape.ts';
import type { Gateway } from '../connection/gateway.ts';
import { unservedCluster } from './unserved-sentence.ts';

export interface InteractionHandlerOptions {
  readonly clusters: ReadonlyMap<string, Decisions>;
  readonly directory: Directory;
  readonly gateway: Gateway;
  readonly home: Home;
  /** Modals that follow what they show. */
  readonly live: LiveViews;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The log of a cluster. */
  readonly logOf: (cluster: string) => Logger;
  /** Whether another program may use the Slack app. */
  readonly isAppShared: () => boolean;
  /** For `/reboot doctor`. */
  readonly examine: Examine;
}

/** The person who clicked or typed, and where. */
export interface Actor {
  readonly userId: string;
  readonly teamId: string | undefined;
  readonly origin: Origin;
}

export type DecisionOutcome =
  | {
      readonly ok: true;
      /** Stored, but its effect is delayed: the reason, in words. */
      readonly delayed?: string;
    }
  | { readonly ok: false; readonly sentence: string };

export interface InteractionHandler extends InteractionHandlerOptions {
  /** Passes the decision to the cluster. Never rejects: a failure is a refusal with a sentence. */
  decide(value: ButtonValue, actor: Actor, request: DecisionRequest | RequestFor): Promise<DecisionOutcome>;
  /**
   * `decide`, with an ephemeral answer if it was refused or is delayed. An accepted decision shows on the
   * card.
   */
  submit(value: ButtonValue, actor: Actor, request: DecisionRequest | RequestFor): Promise<void>;
  /** Posts an ephemeral answer to the person, where they clicked; in the App Home, above everything. */
  notifyActor(actor: Actor, sentence: string): Promise<void>;
  /** The same, of more than one sentence. */
  showActor(actor: Actor, view: MessageView): Promise<void>;
}

/** A request that depends on the person, such as on their time zone. */
export type RequestFor = (identity: Identity) => DecisionRequest;

export function createInteractionHandler(options: InteractionHandlerOptions): InteractionHandler {
  const { clusters, directory, gateway, home, logger, logOf } = options;

  const decide: InteractionHandler['decide'] = async (value, actor, request) => {
    const decisions = clusters.get(value.cluster);
    if (decisions === undefined)
      return {
        ok: false,
        sentence: unservedCluster(value.cluster, [...clusters.keys()], options.isAppShared()),
      };
    try {
      const identity = await directory.identify(actor.userId, actor.teamId);
      const resolved = typeof request === 'function' ? request(identity) : request;
      const result = await decisions.decide(value.reboot, resolved, identity.person);
      if (!result.ok) return { ok: false, sentence: result.rejection.sentence };
      return result.delayed === undefined ? { ok: true } : { ok: true, delayed: result.delayed };
    } catch (error) {
      logOf(value.cluster).error('decision could not be taken', {
        reboot: value.reboot,
        user: actor.userId,
        err: error,
      });
      return { ok: false, sentence: errorSentence(error) };
    }
  };

  const showActor: InteractionHandler['showActor'] = async ({ origin, userId, teamId }, view) => {
    if ('home' in origin) return home.answer({ userId, teamId }, view);
    try {
      const { channel, threadTs } = origin;
      await gateway.postEphemeral({
        channel,
        user: userId,
        view,
        ...(threadTs ? { threadTs } : {}),
      });
    } catch (error) {
      // No further channel to the person: Slack itself failed.
      logger.error('answer could not be shown', { user: userId, err: error });
    }
  };

  const notifyActor: InteractionHandler['notifyActor'] = (actor, sentence) =>
    showActor(actor, answer(sentence));

  return {
    ...options,
    decide,
    notifyActor,
    showActor,
    submit: async (value, actor, request) => {
      const verdict = await decide(value, actor, request);
      const sentence = verdict.ok ? verdict.delayed : verdict.sentence;
      if (sentence !== undefined) await notifyActor(actor, sentence);
      else if ('home' in actor.origin) await home.answer(actor);
    },
  };
}

/** Sentences contain names of nodes, people and pods: they are escaped like every value. */
export function answer(sentence: string): MessageView {
  const text = say`${sentence}`;
  return message(text, lines([text]));
}
