import type { Silences } from '../../../src/reboot/ports/silences.ts';
import { type Instant, minute } from '../../../src/reboot/time/time.ts';

/** An Alertmanager that several bots use; `down` is the reason why it does not respond. */
export function fakeSilences(now: () => Instant): Silences & {
  /** End of the silence, by Reboot. */
  active: Map<string, Instant>;
  log: string[];
  down: string | undefined;
} {
  const active = new Map<string, Instant>();
  const log: string[] = [];
  const fake: ReturnType<typeof fakeSilences> = {
    active,
    log,
    down: undefined,
    async keep({ reboot, node }) {
      log.push(`keep ${node}`);
      if (fake.down !== undefined) return { ok: false, problem: fake.down };
      const until = active.get(reboot) ?? 0;
      if (until - now() > 15 * minute) return { ok: true, found: until };
      active.set(reboot, now() + 30 * minute);
      return { ok: true, found: now() + 30 * minute };
    },
    async end({ reboot, node }) {
      log.push(`end ${node}`);
      if (fake.down !== undefined) return { ok: false, problem: fake.down };
      active.delete(reboot);
      return { ok: true, found: now() };
    },
  };
  return fake;
}
