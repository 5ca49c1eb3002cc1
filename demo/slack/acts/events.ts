import type { JsonObject } from '../json.ts';
import type { ActDeps } from './deps.ts';
import { eventPayload } from './payloads.ts';

/** Delays before the second, third and fourth attempt: Slack retries only events. */
const retryAfter = [0, 60_000, 300_000];

/** Sends an event to the app, and retries it without an acknowledgement. Resolves after the first attempt. */
export async function sendEvent(deps: ActDeps, event: JsonObject): Promise<boolean> {
  const payload = eventPayload(deps.workspace, event, {
    id: deps.ids.next('Ev'),
    time: Math.floor(deps.clock.now() / 1000),
  });
  return attempt(deps, payload, 0);
}

async function attempt(deps: ActDeps, payload: JsonObject, number: number): Promise<boolean> {
  const delivery = await deps.hub.deliver({
    type: 'events_api',
    payload,
    acceptsResponse: false,
    retry: { attempt: number, reason: number === 0 ? '' : 'timeout' },
  });
  if (delivery.kind === 'timeout') {
    const pause = retryAfter[number];
    if (pause !== undefined) deps.clock.after(pause, () => void attempt(deps, payload, number + 1));
  }
  return delivery.kind === 'acked';
}

/** The person opens the app's Home tab. */
export function openHome(deps: ActDeps, user: string): Promise<boolean> {
  const view = deps.views.home(user);
  return sendEvent(deps, {
    type: 'app_home_opened',
    user,
    channel: `D${user.slice(1)}`,
    tab: 'home',
    event_ts: deps.workspace.stamp(),
    ...(view === undefined ? {} : { view: { id: view.id, hash: view.hash, type: 'home' } }),
  });
}
