import { newRebootObject, readReboot } from '../../../src/k8s/records/reboot-object.ts';
import { agentView } from '../../../src/k8s/nodes/agent-view.ts';
import { digestsReader } from '../../../src/k8s/records/digests-store.ts';
import { pausesOf } from '../../../src/k8s/records/pauses-store.ts';
import type { PoolDigest } from '../../../src/reboot/pool-digest/pool-digest.ts';
import { writeDigest } from '../../../src/reboot/pool-digest/stored-digest.ts';
import { card } from '../../../src/bot/views/card/card.ts';
import { cardData } from '../../../src/reboot/card/card-data.ts';
import { aDecision, aPool, aReboot, aReport, anImpact, at, mia, noon } from '../../fakes/builders.ts';
import { type Door, jsonOf, refused, taken, textsIn } from '../door.ts';

const stored = (reboot: ReturnType<typeof aReboot>): string =>
  JSON.stringify({
    ...(newRebootObject(reboot) as object),
    metadata: {
      name: reboot.name,
      uid: 'u1',
      resourceVersion: '7',
      creationTimestamp: at(0),
    },
  });

const approved = aReboot({
  impact: anImpact(),
  state: { phase: 'Approved', since: at(0), decision: aDecision() } as never,
});

export const reboots: Door = {
  name: 'reboots',
  what: 'Reboots as the API server returns them: people and other versions write them too',
  seeds: [stored(aReboot()), stored(approved)],
  tokens: ['phase', 'Draining', 'Failed', 'Settling', 'history', 'cleanup', 'since', 'decision', 'approvals'],
  enter(input) {
    const read = readReboot(jsonOf(input));
    if (!read.ok) return refused(/metadata|spec|status/, read.problem);
    // What was read is shown, and written again.
    card(cardData(read.reboot, { cluster: 'prod', pool: aPool(), blockers: [], now: noon }));
    const again = newRebootObject(read.reboot);
    if (JSON.stringify(again) === undefined) throw new Error('it cannot be written');
    return taken;
  },
};

export const agents: Door = {
  name: 'agents',
  what: 'NodeAgents as the API server returns them: an agent may be forged',
  seeds: [
    JSON.stringify({ metadata: { name: 'n1' }, spec: { endBoot: 'boot-1' }, status: aReport() }),
    JSON.stringify({
      metadata: { name: 'n1', annotations: { 'tugboot.dev/note': '{}' } },
      status: { ...aReport(), order: { endBoot: 'boot-1', state: 'obeying', at: at(0) }, signals: [] },
    }),
  ],
  tokens: ['status', 'signals', 'required', 'yes', 'no', 'unknown', 'order', 'packages', 'kernel', 'bootId'],
  enter(input) {
    agentView(jsonOf(input));
    return taken;
  },
};

const asked = { revision: 1, request: { kind: 'approve', mode: 'now' }, by: mia, at: at(0) } as const;
const digest: PoolDigest = {
  id: 'd1',
  pool: 'workers',
  revision: 3,
  oldest: 1,
  openedAt: at(0),
  entries: [{ reboot: 'worker-1-0123456789', digest: 'abcdefabcdef', from: 1 }],
  shown: [],
  decisions: [{ ...asked, id: 'x-1', of: 1 }],
  chat: {},
};

export const configMaps: Door = {
  name: 'config-maps',
  what: 'the ConfigMaps of pauses and pool digests, which people edit with kubectl',
  seeds: [
    JSON.stringify({ pauses: { 'pool.workers': JSON.stringify({ by: mia, at: at(0) }), cluster: 'freeze' } }),
    JSON.stringify({ digests: { workers: writeDigest(digest) } }),
  ],
  tokens: ['cluster', 'pool.', 'node.', '{"', '"id"', '"entries"', '"revision"', '[', 'null', 'lists'],
  enter(input) {
    const value = jsonOf(input);
    const maps = typeof value === 'object' && value !== null ? value : {};
    const { pauses, digests }: { pauses?: unknown; digests?: unknown } = maps;
    pausesOf({ data: textsIn(pauses) });
    const problems: string[] = [];
    const error = (_message: string, fields: Readonly<Record<string, unknown>> = {}): void =>
      void problems.push(String(fields['problem']));
    digestsReader({ error }).read({ data: textsIn(digests) });
    return problems.length === 0 ? taken : refused(/\w/, ...problems);
  },
};
