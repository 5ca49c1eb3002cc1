/**
 * The whole way of a reboot, with nothing simulated but Slack: Debian with systemd in QEMU, a real kubelet
 * and containerd in it, the agent as the pod of the chart's DaemonSet, as confined as the chart wants it. Its
 * signal 39 reaches the machine's first process, the machine resets, and the boot loader (which is QEMU here)
 * starts the kernel that it was told to.
 *
 * A kubelet in an emulated machine turned out to be fast enough (registered some 40 s after power-on, sooner
 * after a reboot), so the machines are nodes in their own right, and nobody keeps Node objects for them.
 */
import { beforeAll, expect, inject, it } from 'vitest';
import { at, listAt, textAt } from '../../src/k8s/api/json-value.ts';
import { installation } from '../cluster/harness/install-chart.ts';
import { handOf } from '../k8s/world/hand.ts';
import type { Machine } from './harness/machine.ts';
import { agentLabels, agentLog, type Onlooker, onlookerOf, type SeenNode } from './harness/onlooker.ts';
import { onMachines } from './harness/on-machines.ts';
import { agentImage, pauseImage } from './harness/site-disk.ts';

// For a machine that has a core to itself, and for one that shares it with others.
const patience = 600_000;
const machines = ['vm-1', 'vm-2'];
const pools = [
  {
    name: 'all',
    settleTime: '5s',
    rebootTimeout: '10m',
    settleTimeout: '10m',
    drain: { timeout: '5m' },
  },
];
const wish = { machines, config: { cluster: 'machines', approvers: 'channel', pools }, patience };
const nodeAgent = (name: string): string => `/apis/tugboot.dev/v1alpha1/nodeagents/${name}`;

/** A pod that is on the first machine while it may choose. */
const hello = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'hello-node' },
  spec: {
    selector: { matchLabels: { app: 'hello-node' } },
    template: {
      metadata: { labels: { app: 'hello-node' } },
      spec: {
        terminationGracePeriodSeconds: 1,
        containers: [{ name: 'hello', image: pauseImage }],
        affinity: {
          nodeAffinity: {
            preferredDuringSchedulingIgnoredDuringExecution: [
              {
                weight: 100,
                preference: {
                  matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['vm-1'] }],
                },
              },
            ],
          },
        },
      },
    },
  },
};

/**
 * As the agent is, but for the profile. The signal means nothing to systemd (systemd(1), Signals), should it
 * get through.
 */
const confinedPod = (nodeName: string, image: string): unknown => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'confined' },
  spec: {
    nodeName,
    hostPID: true,
    restartPolicy: 'Never',
    containers: [
      {
        name: 'signaller',
        image,
        command: ['node', '-e', 'process.kill(1, "SIGCONT")'],
        terminationMessagePolicy: 'FallbackToLogsOnError',
        securityContext: { runAsUser: 0, capabilities: { drop: ['ALL'], add: ['KILL'] } },
      },
    ],
  },
});

onMachines('machines that reboot', wish, (site) => {
  const ground = inject('vmGround');
  let see: Onlooker;
  let first: SeenNode;
  const machine = (name: string): Machine => site().environment.machine(name);
  const kernels = (): { older: string; newer: string } => {
    if (ground.kind === 'none') throw new Error('no machines');
    return { older: ground.image.older.release, newer: ground.image.newer.release };
  };
  const helloPods = (): ReturnType<Onlooker['pods']> => see.pods('default', 'app=hello-node');
  const askForReboot = (name: string): Promise<string> =>
    machine(name).run(`ask-for-reboot linux-image-${kernels().newer} linux-base`);

  beforeAll(async () => {
    see = onlookerOf(site(), patience);
    const path = '/apis/apps/v1/namespaces/default/deployments';
    await see.until('both machines are nodes, and their agents have reported to the bot', async () => {
      const agents = await see.pods(installation, agentLabels);
      if (agents.filter(({ ready }) => ready).length !== machines.length) return false;
      // The bot makes the object some moments after it has seen the node.
      const reports = await Promise.all(machines.map((name) => see.get(nodeAgent(name)).catch(() => ({}))));
      return reports.every((report) => textAt(report, 'status', 'bootId') !== undefined);
    });
    await handOf(site().cluster.admin).ask({ method: 'POST', path, body: hello });
    await see.until('the workload runs on the first machine', async () => {
      const [pod] = await helloPods();
      return pod?.ready === true && pod.node === 'vm-1';
    });
    first = await see.node('vm-1');
    expect(first).toEqual({
      ready: true,
      cordoned: false,
      kernel: kernels().older,
      bootId: expect.any(String),
    });
  });

  it('is asked about, approved, drained, rebooted into its newer kernel, proven and given back', async () => {
    const { older, newer } = kernels();
    if (ground.kind === 'vm') machine('vm-1').setBootLoader(ground.image.newer);
    const before = await helloPods();
    await askForReboot('vm-1');
    const asks = await see.card('vm-1', /asks for a reboot/);
    expect(JSON.stringify(asks.blocks)).toContain(`${older} → ${newer}`);
    const { slack } = site().environment;
    await slack.as(slack.users.mia).click({ ts: asks.ts, action: 'Approve now' });

    const done = await see.card('vm-1', /^[✓✕]/u);
    expect(done.text).toMatch(/^✓ vm-1 rebooted/u);
    expect(done.ts).toBe(asks.ts);
    expect(JSON.stringify(done.blocks)).toContain(newer);
    await see.until('the node is given back', async () => !(await see.node('vm-1')).cordoned);
    const after = await see.node('vm-1');
    expect(after).toEqual({ ready: true, cordoned: false, kernel: newer, bootId: expect.any(String) });
    expect(after.bootId).not.toBe(first.bootId);
    expect(machine('vm-1').starts()).toEqual([older, newer]);
    const now = await helloPods();
    expect(now.map(({ node }) => node)).toEqual(['vm-2']);
    expect(now.map(({ name }) => name)).not.toEqual(before.map(({ name }) => name));
  });

  it("was rebooted by systemd, on the agent's signal", async () => {
    const said = await machine('vm-1').run('journalctl --boot=-1 --output=cat --no-pager _PID=1');
    expect(said).toMatch(/^Received SIGRTMIN\+5 from PID \d+ \(.*(node|MainThread).*\)\.$/m);
    expect(said).toContain('Reached target reboot.target');
    expect(machine('vm-1').console()).toContain('reboot: Restarting system');
  });

  it('is what the machine itself says: a boot later, and nothing asked for any more', async () => {
    const said = await machine('vm-1').run(
      'cat /proc/sys/kernel/random/boot_id; uname -r; journalctl --list-boots --no-pager --quiet | wc -l; ls /run',
    );
    const [bootId, release, boots, ...run] = said.trim().split('\n');
    const node = await see.node('vm-1');
    expect([bootId, release, boots?.trim()]).toEqual([node.bootId, node.kernel, '2']);
    expect(run).not.toContain('reboot-required');
  });

  it('left no order and no turn behind, and a Reboot that kubectl shows as Succeeded', async () => {
    const agent = await see.get(nodeAgent('vm-1'));
    expect((agent as { spec: unknown }).spec).toEqual({});
    const ledger = await see.get(`/api/v1/namespaces/${installation}/configmaps/tugboot-turns`);
    expect(JSON.parse(textAt(ledger, 'data', 'turns.json') ?? '')).toEqual({ turns: [] });
    const { stdout } = await site().cluster.kubectl(['get', 'reboots', '--no-headers']);
    expect(stdout).toMatch(/^vm-1-\S+ +Succeeded +/);
  });

  it("could not have been signalled from under AppArmor's default profile, which the chart therefore lifts", async () => {
    const path = '/api/v1/namespaces/default/pods';
    const body = confinedPod('vm-1', await agentImage());
    await handOf(site().cluster.admin).ask({ method: 'POST', path, body });
    let ended: unknown;
    await see.until('the pod has ended', async () => {
      const [status] = listAt(await see.get(`${path}/confined`), 'status', 'containerStatuses');
      ended = at(status, 'state', 'terminated');
      return ended !== undefined;
    });
    expect(ended).toMatchObject({ exitCode: 1, message: expect.stringContaining('kill EACCES') });
  });

  it('fails when the boot loader has started the kernel of before, says so, and keeps the node', async () => {
    const { older, newer } = kernels();
    await askForReboot('vm-2');
    const asks = await see.card('vm-2', /asks for a reboot/);
    const { slack } = site().environment;
    await slack.as(slack.users.mia).click({ ts: asks.ts, action: 'Approve now' });
    const done = await see.card('vm-2', /^[✓✕]/u);
    expect(done.text).toMatch(/^✕ vm-2 came back with the wrong kernel/u);
    await see.reply(done, new RegExp(`Kernel ${older} runs, and ${newer} was expected`));
    expect(machine('vm-2').starts()).toEqual([older, older]);
    expect(await see.node('vm-2')).toMatchObject({ ready: true, cordoned: true, kernel: older });
    await slack.as(slack.users.mia).click({ ts: done.ts, action: 'Skip' });
    await see.until('the node is given back', async () => !(await see.node('vm-2')).cordoned);
  });

  it('ignores an order for a boot that is over, cordoned as it is', async () => {
    // Nobody else is to see to it.
    await site().environment.stopBot();
    const { bootId } = await see.node('vm-1');
    await handOf(site().cluster.admin).cordonAsOther('vm-1');
    const order = { spec: { endBoot: first.bootId } };
    await handOf(site().cluster.admin).ask({
      method: 'PATCH',
      path: nodeAgent('vm-1'),
      patch: 'merge',
      body: order,
    });
    await see.until('the agent has seen the order', async () =>
      (await machine('vm-1').run(agentLog))
        .split('\n')
        .some(
          (line) => line.includes('the order is for another boot: ignored') && line.includes(first.bootId),
        ),
    );
    expect(machine('vm-1').starts()).toHaveLength(2);
    expect(await see.node('vm-1')).toMatchObject({ ready: true, bootId });
    expect(await see.get(nodeAgent('vm-1'))).not.toHaveProperty('status.order');
  });
});
