import { join } from 'node:path';
import { type Program, writeKubeconfig } from '../../../demo/environment/programs.ts';
import type { StoryEnvironment } from '../../stories/story-environment.ts';
import { bot } from '../harness/install-chart.ts';
import { startHttpProxy, type WriteInterceptor } from '../harness/http-proxy.ts';
import type { RealEnvironment } from '../harness/real-environment.ts';

/** A bot all of whose writes pass a porter. */
export async function botThroughDoor(
  environment: StoryEnvironment<RealEnvironment>,
  porter: WriteInterceptor,
): Promise<Program> {
  const door = await startHttpProxy(environment.cluster, porter);
  environment.supervisor.onEnd(() => door.close());
  const kubeconfig = join(environment.directory, `door-${new URL(door.url).port}.kubeconfig`);
  writeKubeconfig(kubeconfig, door.url, await environment.cluster.tokenOf(bot));
  return environment.connected(() => environment.startBot({ kubeconfig }));
}
