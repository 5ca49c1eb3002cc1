/** `/reboot`, typed by a person, with the core behind it. */
import { createGateway } from '../../../src/bot/connection/gateway.ts';
import { onCommand } from '../../../src/bot/command/on-command.ts';
import { createInteractionHandler } from '../../../src/bot/listeners/interaction-handler.ts';
import type { Policy } from '../../../src/reboot/policy/policy.ts';
import type { Examined } from '../../../src/reboot/ports/examination.ts';
import type { Person } from '../../../src/reboot/approval/person.ts';
import { aPerson } from '../../fakes/builders.ts';
import { fakeDirectory } from '../../fakes/ports/fake-directory.ts';
import { type ServiceHarness, serviceHarness } from '../../fakes/service-harness.ts';
import { liveViews } from '../../fakes/live-views.ts';
import { noHome } from '../../fakes/no-home.ts';
import { silentLogger } from '../../fakes/silent-logger.ts';
import { createRecorder } from '../recorder.ts';
import { fakeClock } from '../../fakes/fake-clock.ts';

export interface CommandHarness {
  readonly harness: ServiceHarness;
  /** The answer's text, all of it. */
  type(text: string, who?: Partial<Person>, channel?: string): Promise<string>;
}

export function openCommandHarness(policy: Policy, examined: readonly Examined[] = []): CommandHarness {
  const harness = serviceHarness(policy);
  const time = fakeClock();
  const gateway = createGateway({
    api: createRecorder(time),
    clock: time,
    sleep: time.sleep,
    random: () => 0.5,
    signal: new AbortController().signal,
  });
  const directory = fakeDirectory();
  const clusters = new Map([['prod-eu', harness.service]]);
  const handler = createInteractionHandler({
    clusters,
    directory,
    gateway,
    home: noHome,
    live: liveViews(time),
    clock: harness.clock,
    logger: silentLogger,
    logOf: () => silentLogger,
    isAppShared: () => false,
    examine: async () => examined,
  });
  return {
    harness,
    async type(text, who = {}, channel = 'C0OPS') {
      const person = aPerson(who);
      directory.people.set(person.id, person);
      const payload = {
        command: '/reboot',
        text,
        user_id: person.id,
        team_id: 'T0',
        channel_id: channel,
      };
      const view = await onCommand(handler, payload, () => undefined);
      return JSON.stringify(view.blocks);
    },
  };
}
