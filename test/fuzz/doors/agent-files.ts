import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { createHost } from '../../../src/agent/host/host.ts';
import { agentView } from '../../../src/k8s/nodes/agent-view.ts';
import { type Door, refused, taken, textsOf } from '../door.ts';

const boot = '11111111-1111-4111-8111-111111111111';
const running = '6.8.0-45-generic';

const host: Readonly<Record<string, string>> = {
  'run/reboot-required': '*** System restart required ***\n',
  'run/reboot-required.pkgs': `linux-image-6.8.0-49-generic\nlibc6\nlinux-base\nlibc6\nsnap:core\n`,
  'var/lib/dpkg/status': [
    'Package: libc6\nStatus: install ok installed\nArchitecture: amd64\nVersion: 2.39-0ubuntu8.3\nDescription: x\n y\n',
    'Package: linux-image-6.8.0-49-generic\nStatus: install ok installed\nVersion: 6.8.0-49.49\n',
  ].join('\n'),
  'proc/boot_id': `${boot}\n`,
  'proc/osrelease': `${running}\n`,
  'proc/stat': 'cpu  1 2 3\nintr 5\nbtime 1763683200\nprocesses 7\n',
  'proc/locks':
    '1: POSIX  ADVISORY  WRITE 4242 08:01:131 0 EOF\n2: OFDLCK ADVISORY  READ -1 08:01:132 0 EOF\n',
  'etc/os-release': 'NAME="Ubuntu"\nVERSION_ID="24.04"\n',
};
const suse = {
  'run/reboot-needed': '',
  'boot/do_purge_kernels': '',
  'etc/os-release': 'ID="opensuse-leap"\n',
};

/** Where a mutated name may not lead to: outside of the directory of the host. */
const isInside = (name: string): boolean =>
  name !== '' && name.length < 100 && !/[\0]|(^|\/)\.\.?(\/|$)|^\//.test(name) && !name.endsWith('/');

export const agentFiles: Door = {
  name: 'agent-files',
  what: 'the files of a host that the agent reads: the sentinel, its list, dpkg, the kernels, /proc',
  seeds: [host, { ...host, ...suse }, { 'proc/boot_id': boot }].map((files) => JSON.stringify(files)),
  tokens: ['Package: ', 'Version: ', 'Status: ', 'linux-image-', 'POSIX', 'OFDLCK', 'btime ', 'run/', 'etc/'],
  async enter(input) {
    const root = mkdtempSync(join(tmpdir(), `tugboot-fuzz-${process.pid}-`));
    const path = (name: string): string => join(root, name);
    try {
      mkdirSync(path('run'));
      mkdirSync(path(`lib/modules/${running}`), { recursive: true });
      for (const [name, content] of Object.entries(textsOf(input)).filter(([each]) => isInside(each))) {
        try {
          mkdirSync(dirname(path(name)), { recursive: true });
          writeFileSync(path(name), content);
        } catch {
          // A file in the place of a directory: the host has what could be written.
        }
      }
      const read = createHost({
        root,
        sentinel: 'run/reboot-required',
        bootIdFile: path('proc/boot_id'),
        kernelReleaseFile: path('proc/osrelease'),
        statFile: path('proc/stat'),
        proc: path('proc'),
      });
      const { facts } = await read.read();
      await read.packageWork();
      await read.fingerprint();
      const { report } = agentView({ metadata: { name: 'n1' }, status: { ...facts, agent: '0.1.0' } });
      if (report === undefined) throw new Error(`the bot cannot read the report ${JSON.stringify(facts)}`);
      return taken;
    } catch (error) {
      const message = error instanceof Error ? error.message : '';
      // Nothing can be reported of a host whose kernel does not say what runs.
      if (/\/proc\//.test(message))
        return refused(/proc\/(boot_id|osrelease)/, message.split('\n', 1)[0] ?? '');
      throw error;
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  },
};
