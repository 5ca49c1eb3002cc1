import type { ChatRecord } from '../state/chat-record.ts';
import { type JobResult, nothingDone } from '../ports/job-report.ts';
import { stepOf } from '../machine/step.ts';
import { isIn, type Reboot } from '../state/reboot.ts';
import { PortError } from '../ports/port-error.ts';
import type { ServiceDeps } from '../loop/deps.ts';
import { newerThan } from '../loop/apply.ts';
import {
  hasNoCard,
  hasCardContent,
  noteListed,
  noteRendered,
  blockersOfCard,
  dataOfCard,
} from './rendered.ts';
import { awaitsDigest, digestWith } from '../loop/decided-in.ts';

/** Updates the card of a Reboot and its thread from the stored state. */
export async function render(deps: ServiceDeps, name: string): Promise<JobResult> {
  const reboot = await deps.store.latest(name);
  if (!reboot || !hasCardContent(reboot)) return nothingDone;
  if (await isAskedInDigest(deps, reboot)) return nothingDone;
  const firstPost = reboot.chat.card === undefined;
  const data = await dataOfCard(deps, reboot, await blockersOfCard(deps, reboot));
  let isStored = false;
  let { chat } = reboot;
  await deps.chat.show(data, async (record) => {
    if (!(await saveRecord(deps, name, record))) return;
    chat = record;
    isStored ||= record.card !== undefined;
  });
  noteRendered(deps, { ...data, reboot: { ...reboot, chat } });
  // The notice period of the rule starts at the first post, so its deadline is known only now.
  if (firstPost && isStored && isIn(reboot, 'Pending'))
    await deps.queue.reconcile(name, deps.clock.now(), stepOf(reboot));
  return { kind: 'done', did: `card rendered: ${reboot.state.phase}` };
}

/**
 * A Reboot of a pool digest has no card until it starts, unless it had one before; the digest is rendered
 * instead, and whenever one that it lists has changed.
 */
async function isAskedInDigest(deps: ServiceDeps, reboot: Reboot): Promise<boolean> {
  const isAwaited = awaitsDigest(deps, reboot);
  if (isAwaited || digestWith(deps, reboot)) await deps.queue.updateDigest(reboot.pool);
  if (isAwaited) return true;
  if (!hasNoCard(deps, reboot)) return false;
  noteListed(deps, reboot);
  return true;
}

const tries = 8;

/**
 * Stores the chat record by compare-and-swap. This is its only writer; concurrent changes to the rest of the
 * Reboot are kept.
 */
async function saveRecord(deps: ServiceDeps, name: string, chat: ChatRecord): Promise<boolean> {
  let tried: string | undefined;
  for (let attempt = 0; attempt < tries; attempt += 1) {
    const reboot = (await newerThan(deps, name, tried)) ?? (await deps.store.get(name));
    if (!reboot) return false;
    tried = reboot.version;
    const saved = await deps.store.save({ ...reboot, chat });
    if (saved !== 'conflict') return saved !== 'gone';
  }
  throw new PortError('conflict', `The chat record of ${name} could not be saved: others keep writing.`, {
    retryable: true,
  });
}
