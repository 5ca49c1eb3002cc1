import { type JsonObject, listAt, numberAt, stringsAt, textAt } from '../kube/json.ts';
import { inSeconds, isTerminating, nameOf, namespaceOf, uidOf } from '../kube/objects/object.ts';
import { type KubeClient, patchTypes } from '../world/kube-client.ts';
import { isFinished, isReady } from '../controllers/owned-pods.ts';
import { draw, type Timers, type Timing } from '../world/timers.ts';

/**
 * Starts and stops the containers of a node's pods: the durations are simulated, the statuses are what a
 * kubelet reports.
 */
export interface PodRunner {
  /** Starts and stops pods to match the API. */
  sync(pods: readonly JsonObject[]): void;
}

export interface PodRunnerOptions {
  readonly client: KubeClient;
  readonly timing: Timing;
  readonly timers: Timers;
  /** Aborted when the machine loses power: what is under way is lost. */
  readonly signal: AbortSignal;
  readonly onError: (error: unknown) => void;
}

/** Seconds that a pod's containers take to stop. */
export const stopAnnotation = 'demo.tugboot.dev/stop-seconds';

/** Marks a pod that runs but never passes its readiness probe. */
export const unreadyAnnotation = 'demo.tugboot.dev/never-ready';

const passesProbe = (pod: JsonObject): boolean =>
  stringsAt(pod, 'metadata', 'annotations')[unreadyAnnotation] === undefined;

const retryAfter = 100;

export function createPodRunner(options: PodRunnerOptions): PodRunner {
  const { signal } = options;
  /** Pods that start or run in this boot, and those being stopped, by UID. */
  const started = new Set<string>();
  const stopping = new Set<string>();
  /** Reported as running in this boot. */
  const running = new Set<string>();

  const persist = async (attempt: () => Promise<number>): Promise<void> => {
    while (!signal.aborted) {
      const status = await attempt().catch((error: unknown) => {
        if (!signal.aborted) options.onError(error);
        return 0;
      });
      // A deleted pod needs nothing more; a changed one causes another watch event.
      if ((status >= 200 && status < 300) || status === 404 || status === 409) return;
      await options.timers.sleep(retryAfter, signal).catch(() => undefined);
    }
  };
  const start = async (pod: JsonObject): Promise<void> => {
    await options.timers.sleep(draw(options.timing.podStart, options.timers), signal);
    if (stopping.has(uidOf(pod))) return;
    await persist(() => report(options, pod));
  };
  const stop = async (pod: JsonObject): Promise<void> => {
    const runs = started.has(uidOf(pod)) && textAt(pod, 'status', 'phase') === 'Running';
    if (runs) await options.timers.sleep(Math.min(graceOf(pod), stopTime(pod, options)), signal);
    await persist(() => remove(options.client, pod));
  };
  const lostPower = (error: unknown): void => {
    if (!signal.aborted) options.onError(error);
  };
  return {
    sync(pods) {
      for (const pod of pods) {
        const uid = uidOf(pod);
        if (isTerminating(pod) && !stopping.has(uid)) {
          stopping.add(uid);
          stop(pod).catch(lostPower);
        } else if (!isTerminating(pod) && !isFinished(pod) && !started.has(uid)) {
          started.add(uid);
          start(pod)
            .then(() => running.add(uid))
            .catch(lostPower);
        } else if (running.has(uid) && !isTerminating(pod) && !isReady(pod) && passesProbe(pod)) {
          // The control plane set it not ready while the node was Unknown.
          persist(() => reportReady(options, pod)).catch(lostPower);
        }
      }
    },
  };
}

const pathOf = (pod: JsonObject): string => `/api/v1/namespaces/${namespaceOf(pod)}/pods/${nameOf(pod)}`;

const graceOf = (pod: JsonObject): number =>
  (numberAt(pod, 'metadata', 'deletionGracePeriodSeconds') ?? 30) * 1000;

function stopTime(pod: JsonObject, { timing, timers }: PodRunnerOptions): number {
  const asked = Number(stringsAt(pod, 'metadata', 'annotations')[stopAnnotation] ?? Number.NaN);
  return Number.isNaN(asked) ? draw(timing.podStop, timers) : asked * 1000;
}

/** Reports a pod's containers as running. After a boot they count as restarted. */
async function report({ client, timers }: PodRunnerOptions, pod: JsonObject): Promise<number> {
  const now = inSeconds(timers.now());
  const before = listAt(pod, 'status', 'containerStatuses');
  const containerStatuses = listAt(pod, 'spec', 'containers').map((container) => {
    const earlier = before.find((status) => textAt(status, 'name') === textAt(container, 'name'));
    const restartCount = earlier === undefined ? 0 : (numberAt(earlier, 'restartCount') ?? 0) + 1;
    const image = textAt(container, 'image');
    return {
      name: textAt(container, 'name'),
      image,
      imageID: image,
      ready: passesProbe(pod),
      started: true,
      restartCount,
      state: { running: { startedAt: now } },
    };
  });
  const types = ['PodScheduled', 'Initialized', 'ContainersReady', 'Ready'];
  const unready = new Set(passesProbe(pod) ? [] : ['ContainersReady', 'Ready']);
  const conditions = types.map((type) => ({
    type,
    status: unready.has(type) ? 'False' : 'True',
    lastTransitionTime: now,
  }));
  const status = {
    phase: 'Running',
    startTime: textAt(pod, 'status', 'startTime') || now,
    conditions,
    containerStatuses,
  };
  // With the UID, so that a later pod of the same name is not updated.
  const body = { metadata: { uid: uidOf(pod) }, status };
  const answer = await client.send('PATCH', `${pathOf(pod)}/status`, body, patchTypes.strategic);
  // 422: the name belongs to another pod now.
  return answer.status === 422 ? 409 : answer.status;
}

async function reportReady({ client, timers }: PodRunnerOptions, pod: JsonObject): Promise<number> {
  const condition = { type: 'Ready', status: 'True', lastTransitionTime: inSeconds(timers.now()) };
  const body = { metadata: { uid: uidOf(pod) }, status: { conditions: [condition] } };
  const answer = await client.send('PATCH', `${pathOf(pod)}/status`, body, patchTypes.strategic);
  return answer.status === 422 ? 409 : answer.status;
}

/** The kubelet's final delete once all containers have stopped: only then is the pod removed from the API. */
async function remove(client: KubeClient, pod: JsonObject): Promise<number> {
  const body = { gracePeriodSeconds: 0, preconditions: { uid: uidOf(pod) } };
  return (await client.send('DELETE', pathOf(pod), body)).status;
}
