import { randomUUID } from 'node:crypto';
import { type HostDirectory } from './host-directory.ts';
import { type BootFault, type KubeletOptions } from './kubelet-options.ts';
import { createKubeClient, type KubeClient, patchTypes } from '../world/kube-client.ts';
import { conditionStatus } from '../kube/objects/object.ts';
import { createMirror } from './mirror.ts';
import { keepLease, renewLease } from './node-lease.ts';
import { nodeConditions, nodeObject, nodeStatus } from './node-object.ts';
import { createPodRunner } from './pod-runner.ts';
import { createStaticPods } from './static-pods.ts';
import { draw } from '../world/timers.ts';

/** The power state of a machine: what runs while it is on, and the sequence of a boot. */
export interface Machine {
  readonly power: () => 'on' | 'rebooting';
  readonly bootId: () => string;
  readonly boot: (kernel: string) => Promise<void>;
  readonly reboot: () => Promise<void>;
  readonly failNextBoot: (fault: BootFault) => void;
  readonly pressPowerButton: () => Promise<void>;
  readonly cutPower: () => void;
  readonly changed: () => void;
  readonly subscribe: (onChange: () => void) => () => void;
}

const retryAfter = 100;

/** Milliseconds that a machine going down waits for the response to its last status update. */
const shutdownTimeout = 500;

interface Power {
  /** `dark`: it did not come back after a reboot. `off`: the demo has ended. */
  state: 'on' | 'rebooting' | 'dark' | 'off';
  bootId: string;
  kernel: string;
  fault: BootFault | undefined;
  /** Aborted when the machine loses power. */
  session: AbortController;
}

export function createMachine(options: KubeletOptions, host: HostDirectory, firstKernel: string): Machine {
  const client = createKubeClient({
    url: options.url,
    token: options.token,
    name: `demo-kubelet/${options.node.name}`,
  });
  const listeners = new Set<() => void>();
  const changed = (): void => listeners.forEach((listener) => listener());
  const power: Power = {
    state: 'rebooting',
    bootId: '',
    kernel: firstKernel,
    fault: undefined,
    session: new AbortController(),
  };
  const parts: Parts = { options, host, client, power, lifetime: new AbortController(), changed };
  return {
    power: () => (power.state === 'on' ? 'on' : 'rebooting'),
    bootId: () => power.bootId,
    boot: (kernel) => boot(parts, kernel),
    reboot: () => reboot(parts),
    failNextBoot: (fault) => {
      power.fault = fault;
    },
    pressPowerButton: async () => {
      if (power.state === 'dark') await bootUp(parts);
    },
    cutPower: () => {
      power.state = 'off';
      parts.lifetime.abort();
      power.session.abort();
      client.close();
    },
    changed,
    subscribe(onChange) {
      listeners.add(onChange);
      return () => listeners.delete(onChange);
    },
  };
}

interface Parts {
  readonly options: KubeletOptions;
  readonly host: HostDirectory;
  readonly client: KubeClient;
  readonly power: Power;
  /** Aborted when the demo ends. */
  readonly lifetime: AbortController;
  readonly changed: () => void;
}

/** A boot: a new boot ID, an empty /run, the registration, then the pods. */
async function boot({ options, host, client, power, changed }: Parts, kernel: string): Promise<void> {
  const { signal } = (power.session = new AbortController());
  power.kernel = kernel;
  power.bootId = randomUUID();
  await host.boot(power.bootId, kernel, options.timers.now());
  // Renew the lease first: a node that registers with an expired one becomes Unknown at once.
  await renewLease({ client, node: options.node.name, timers: options.timers });
  const registration = { options, client, signal, bootId: power.bootId, kernel };
  await register(registration);
  if (power.state === 'off') return;
  runSession(registration);
  power.state = 'on';
  changed();
  await options.onPowerOn?.();
}

async function reboot(parts: Parts): Promise<void> {
  const { options, client, power, changed } = parts;
  // A reboot request during a reboot is ignored.
  if (power.state !== 'on') return;
  power.state = 'rebooting';
  changed();
  // Stop the session before the shutdown status: otherwise it would see the node not ready and set it ready
  // again.
  power.session.abort();
  await announceShutdown(options, client);
  await options.onPowerOff?.();
  await bootUp(parts);
}

/** Boots the machine, unless the injected fault prevents it. */
async function bootUp(parts: Parts): Promise<void> {
  const { options, host, power, lifetime } = parts;
  const fault = power.fault;
  power.fault = undefined;
  power.state = 'rebooting';
  await options.timers
    .sleep(draw(options.timing.boot, options.timers), lifetime.signal)
    .catch(() => undefined);
  if (lifetime.signal.aborted) return;
  if (fault === 'never-back') {
    power.state = 'dark';
    return;
  }
  await boot(parts, fault === 'old-kernel' ? power.kernel : await host.newestKernel());
  if (fault === 'still-required') await host.askForReboot(['linux-base']);
}

/** What runs from one boot to the next. */
function runSession(registration: Registration): void {
  const { client, signal } = registration;
  const { node, timing, timers, onError } = registration.options;
  const report = (error: unknown): void => {
    if (!signal.aborted) onError(error);
  };
  const runner = createPodRunner({ client, timing, timers, signal, onError: report });
  const syncStaticPods = createStaticPods({
    client,
    node: node.name,
    names: node.staticPods ?? [],
    onError: report,
  });
  const query = `fieldSelector=${encodeURIComponent(`spec.nodeName=${node.name}`)}`;
  const onChange = (): void => {
    // A machine that is off does nothing.
    if (signal.aborted) return;
    runner.sync(pods.all());
    syncStaticPods(pods.all());
  };
  const pods = createMirror({ client, path: '/api/v1/pods', query, timers, signal, onChange });
  void keepLease({ client, node: node.name, every: timing.lease, timers, signal });
  restoreReady(registration);
}

/** Sets a node that became Unknown back to ready, as the kubelet's next status update would. */
function restoreReady(registration: Registration): void {
  const { client, signal } = registration;
  const { node, timers } = registration.options;
  const query = `fieldSelector=${encodeURIComponent(`metadata.name=${node.name}`)}`;
  const onChange = (): void => {
    const doubted = self.all().some((own) => conditionStatus(own, 'Ready') !== 'True');
    if (doubted && !signal.aborted) void register(registration);
  };
  const self = createMirror({ client, path: '/api/v1/nodes', query, timers, signal, onChange });
}

interface Registration {
  readonly options: KubeletOptions;
  readonly client: KubeClient;
  readonly signal: AbortSignal;
  readonly bootId: string;
  readonly kernel: string;
}

/** Retries while the machine is up: the control plane may be unavailable. */
async function register({ options, client, signal, bootId, kernel }: Registration): Promise<void> {
  const { node, timers } = options;
  while (!signal.aborted) {
    const state = { bootId, kernel, ready: true, now: timers.now() };
    const status = nodeStatus(node, state);
    const patched = await client
      .send('PATCH', `/api/v1/nodes/${node.name}/status`, { status }, patchTypes.strategic)
      .catch(() => undefined);
    if (patched?.status === 200) return;
    if (patched?.status === 404) {
      const created = await client
        .send('POST', '/api/v1/nodes', nodeObject(node, state))
        .catch(() => undefined);
      if (created?.status === 201) return;
    }
    await timers.sleep(retryAfter, signal).catch(() => undefined);
  }
}

/**
 * The kubelet's last status update. If it does not reach the API, the expired lease has the same effect
 * later.
 */
async function announceShutdown({ node, timers }: KubeletOptions, client: KubeClient): Promise<void> {
  const conditions = nodeConditions({ ready: false, now: timers.now() });
  const sent = client.send(
    'PATCH',
    `/api/v1/nodes/${node.name}/status`,
    { status: { conditions } },
    patchTypes.strategic,
  );
  await Promise.race([sent.catch(() => undefined), timers.sleep(shutdownTimeout)]);
}
