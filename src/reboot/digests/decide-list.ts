/** Takes the decision of a shown list: stored once, answered, and then applied by a job. */
import type { Rejection } from '../approval/decision-request.ts';
import type { Person } from '../approval/person.ts';
import { withoutQueue } from '../commands/without-queue.ts';
import type { ServiceDeps } from '../loop/deps.ts';
import type { ManyResult } from '../ports/decisions/many-decisions.ts';
import { PortError } from '../ports/port-error.ts';
import { sentenceFor } from '../ports/port-error-words.ts';
import { listsJob } from '../ports/queue.ts';
import { listLifetime, type ShownList, withDecision } from '../shown-list/shown-list.ts';
import { toInstant, toTimestamp } from '../time/time.ts';
import { decideAll } from './decide-all.ts';
import { answerTo, outlookOf } from './outlook.ts';

const refused = (code: Rejection['code'], sentence: string): ManyResult => ({
  ok: false,
  rejection: { code, sentence },
});

export async function decideList(deps: ServiceDeps, id: string, person: Person): Promise<ManyResult> {
  try {
    const list = (await deps.digests.lists.read()).find((each) => each.id === id);
    if (!list || deps.clock.now() - toInstant(list.at) > listLifetime)
      return refused('unknown-digest', 'This list is too old to decide on. Type the command again.');
    const { request } = list;
    if (list.digest)
      return await decideAll(
        deps,
        { digest: list.digest.id, revision: list.digest.revision, request },
        person,
      );
    const { result, delayed } = await withoutQueue(deps, undefined, (tolerantDeps) =>
      decideOn(tolerantDeps, list, person),
    );
    return result.ok && delayed !== undefined ? { ...result, delayed } : result;
  } catch (error) {
    if (!(error instanceof PortError)) throw error;
    deps.logger.error('decision on a list not stored', { list: id, by: person.id, err: error });
    return refused(
      'cluster-unreachable',
      `${sentenceFor(error)} If your decision was not stored, \`/reboot status\` shows no sign of it.`,
    );
  }
}

async function decideOn(deps: ServiceDeps, list: ShownList, person: Person): Promise<ManyResult> {
  if (list.decision) return repeated(deps, list);
  const { id, request, entries } = list;
  const by = { kind: 'user', id: person.id, name: person.name } as const;
  const outlook = outlookOf(deps, entries, { request, person, by });
  const [first] = outlook.rejections;
  if (outlook.accepted === 0 && first) return { ok: false, rejection: first.rejection };
  const decision = { by, at: toTimestamp(deps.clock.now()), refused: outlook.rejections.length };
  let before: ShownList | undefined;
  const stored = await deps.digests.lists.update((lists) => {
    before = lists.find((each) => each.id === id);
    return before && !before.decision ? withDecision(lists, id, decision) : lists;
  });
  if (stored === 'too-large' || !before)
    return refused('unknown-digest', 'This list is not kept any more. Type the command again.');
  if (before.decision) return repeated(deps, before);
  deps.logger.info('decision on a list taken', {
    list: id,
    nodes: entries.length,
    decision: request.kind,
    by: person.id,
  });
  await deps.queue.spread(listsJob);
  return answerTo(outlook, request, onlyPool(list));
}

function onlyPool({ entries }: ShownList): string | undefined {
  const [pool, ...others] = new Set(entries.map((entry) => entry.pool));
  return others.length === 0 ? pool : undefined;
}

async function repeated(deps: ServiceDeps, list: ShownList): Promise<ManyResult> {
  const { result } = list.decision ?? {};
  if (result === undefined) await deps.queue.spread(listsJob);
  const pool = onlyPool(list);
  return {
    ok: true,
    request: list.request,
    ...(pool === undefined ? {} : { pool }),
    nodes: result?.applied ?? list.entries.length,
    refused: result?.refused ?? 0,
    refusals: [],
    approvalsMissing: 0,
    repeated: true,
  };
}
