/** The health of the parts of the bot, for /readyz, the metrics, and the Events about outages. */
import type { Bot } from '../bot/bot.ts';
import type { LiveConfig } from '../config/live-config.ts';
import type { Backend } from '../jobs/backend.ts';
import type { Kube } from '../k8s/kube.ts';
import type { HealthCheck } from '../ops/health.ts';
import { type Clock, type Instant, type Millis, inWords, minute } from '../reboot/time/time.ts';
import type { Logger } from '../reboot/ports/logger.ts';
import { createOutages } from './outages.ts';

interface Checked {
  readonly live: LiveConfig;
  readonly clock: Clock;
  readonly kube: Kube;
  readonly backend: Backend;
  readonly bot: Bot;
}

/**
 * A changed file that was refused leaves the previous configuration in force. On one line, like every line of
 * /readyz.
 */
const configHealth = (refused: string | undefined): { readonly ok: boolean; readonly why?: string } =>
  refused === undefined
    ? { ok: true }
    : { ok: false, why: `refused, the one before stays in force: ${refused.replaceAll(/\s+/g, ' ')}` };

/** Progress of the start. */
export interface Start {
  ready: boolean;
  waitsFor?: string | undefined;
}

export const startHealthOf = (
  { ready, waitsFor: why }: Start,
  stop: AbortSignal,
): { readonly ok: boolean; readonly why?: string } => {
  const ok = ready && !stop.aborted;
  return why === undefined ? { ok } : { ok, why };
};

/** Of what all clusters share. */
export const sharedChecks = ({ live, bot }: Pick<Checked, 'live' | 'bot'>): readonly HealthCheck[] => [
  { name: 'slack', essential: false, check: () => bot.health() },
  { name: 'configuration', essential: false, check: () => configHealth(live.refused()?.problem) },
];

/** The check for outages, to be called periodically. */
export const outagesOf = ({
  clock,
  logger,
  kube,
  bot,
  backend,
}: Pick<Checked, 'clock' | 'kube' | 'bot' | 'backend'> & {
  readonly logger: Logger;
}): (() => Promise<void>) =>
  createOutages({
    clock,
    logger,
    record: (event) => kube.ledger.record(event),
    parts: [
      { name: 'slack', reason: 'Slack', health: () => bot.health() },
      { name: 'queue', reason: 'Queue', health: () => backend.health() },
    ],
  });

/** Each watch receives a bookmark of the API server at least once a minute. */
const maxSilence: Millis = 5 * minute;

/** Not ready without the API server: another replica may reach it. */
export function clusterHealth(
  kube: Pick<Kube, 'cluster'>,
  now: Instant,
): { readonly ok: boolean; readonly why?: string } {
  const silent = now - kube.cluster.heardAt();
  if (silent < maxSilence) return { ok: true };
  return { ok: false, why: `The API server has not been heard from for ${inWords(silent)}` };
}
