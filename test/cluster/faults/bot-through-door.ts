import { join } from 'node:path';
import { type Program, writeKubeconfig } from '../../../demo/house/programs.ts';
import type { StoryHouse } from '../../stories/story-house.ts';
import { bot } from '../harness/install-chart.ts';
import { startHttpProxy, type WriteInterceptor } from '../harness/http-proxy.ts';
import type { RealHouse } from '../harness/real-house.ts';

/** A bot all of whose writes pass a porter. */
export async function botThroughDoor(
  house: StoryHouse<RealHouse>,
  porter: WriteInterceptor,
): Promise<Program> {
  const door = await startHttpProxy(house.cluster, porter);
  house.supervisor.onEnd(() => door.close());
  const kubeconfig = join(house.directory, `door-${new URL(door.url).port}.kubeconfig`);
  writeKubeconfig(kubeconfig, door.url, await house.cluster.tokenOf(bot));
  return house.connected(() => house.startBot({ kubeconfig }));
}
