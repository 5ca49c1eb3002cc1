// Sends a person's action to the fake Slack. Its result arrives in the event stream.
import { store } from './store.js';

export async function act(name, body) {
  try {
    const response = await fetch(`/act/${name}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ user: store.me, ...body }),
    });
    return await response.json();
  } catch {
    return { ok: false, ended: true, error: 'The demo has ended. Start it again with npm run demo.' };
  }
}
