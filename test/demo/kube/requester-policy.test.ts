/**
 * The demo judges names beside requests as the chart's policy does on a real API server
 * (test/cluster/admission.test.ts).
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Kube } from '../../../src/k8s/kube.ts';
import { type ApiWorld, startApiWorld } from '../../k8s/world/api.ts';
import { type Hand, handOf } from '../../k8s/world/hand.ts';
import type { BootTarget } from '../../../src/reboot/nodes/observation.ts';

const path = '/api/v1/nodes/n1';

describe('names beside requests, on the demo API', () => {
  let world: ApiWorld;
  let kube: Kube;
  let hand: Hand;
  let n1: BootTarget;
  beforeEach(async () => {
    world = await startApiWorld();
    kube = world.connect();
    hand = handOf(world.admin);
    n1 = await hand.addNode('n1');
  });
  afterEach(() => world.close());

  const annotate = (annotations: Record<string, string | null>) =>
    world.admin.send({ method: 'PATCH', path, patch: 'merge', body: { metadata: { annotations } } });
  const codeOf = async (annotations: Record<string, string | null>): Promise<number> => {
    const answer = await annotate(annotations);
    return answer.ok ? 200 : answer.status.code;
  };
  const requested = 'tugboot.dev/reboot-requested';
  const by = 'tugboot.dev/requested-by';

  it('are compared with the writer, which the bot sees', async () => {
    await hand.requestAsOther('n1', 'firmware', 'in their own name');
    expect(await kube.cluster.isRequesterProven(n1)).toBe(true);
  });

  it.each([
    ['without a name', { [requested]: 'x' }, 200],
    ['in their own name', { [requested]: 'x', [by]: 'admin' }, 200],
    ["in another's name", { [requested]: 'x', [by]: 'lee' }, 403],
    ["with another's name alone", { [by]: 'lee' }, 403],
  ] as const)('asked %s', async (_how, annotations, code) => {
    expect(await codeOf(annotations)).toBe(code);
  });

  it('stand while others write the node', async () => {
    await hand.requestAsOther('n1', 'firmware', 'in their own name');
    expect(await kube.cluster.cordon(n1, 'n1-0123456789')).toBe('us');
    const { node } = await kube.cluster.observe('n1');
    expect(node).toMatchObject({ requestedBy: 'admin' });
    expect(await kube.cluster.takeRequest(n1, { requested: 'firmware', requestedBy: 'admin' })).toBe('done');
  });
});
