/** Other mechanisms that reboot nodes, and how to disable each (docs/operations.md). */
import type { NodeReport, OtherRebooter } from './node-report.ts';
import { type OtherRebooterName, otherRebooterNames } from './report-limits.ts';

interface Words {
  /** Followed by the names of the nodes. */
  readonly isOn: string;
  readonly off: string;
}

const words: Readonly<Record<OtherRebooterName, Words>> = {
  locksmithd: { isOn: 'locksmithd runs on', off: 'Switch locksmithd off: systemctl mask --now locksmithd.' },
  rebootmgr: { isOn: 'rebootmgr runs on', off: 'Switch rebootmgr off: systemctl disable --now rebootmgr.' },
  zincati: { isOn: 'Zincati runs on', off: 'Switch Zincati off: systemctl mask --now zincati.' },
  shutdown: { isOn: 'A shutdown is scheduled on', off: 'Cancel the shutdown: shutdown -c.' },
  'unattended-upgrades': {
    isOn: 'unattended-upgrades reboots',
    off: 'Set Unattended-Upgrade::Automatic-Reboot "false"; in /etc/apt/apt.conf.d.',
  },
  'dnf-automatic': { isOn: 'dnf-automatic reboots', off: 'Set reboot = never in /etc/dnf/automatic.conf.' },
};

const isKnown = (name: string): name is OtherRebooterName =>
  otherRebooterNames.some((known) => known === name);

type Known = OtherRebooter & { readonly name: OtherRebooterName };

/** The rebooters of a report that have advice here, without duplicates. A later agent may report others. */
export function rebootersOn({ otherRebooters = [] }: Pick<NodeReport, 'otherRebooters'>): readonly Known[] {
  const known = otherRebooters.flatMap(({ name, what }) => (isKnown(name) ? [{ name, what }] : []));
  return otherRebooterNames.flatMap((name) => known.find((each) => each.name === name) ?? []);
}

/** How to disable one, as a sentence; empty where that is not known. */
export const switchOff = (name: string): string => (isKnown(name) ? words[name].off : '');

const mostNodes = 3;

/** For `/reboot status`: one sentence for each rebooter that is enabled on any node. */
export function rebooterSentences(
  reports: readonly { readonly node: string; readonly report: Pick<NodeReport, 'otherRebooters'> }[],
): readonly string[] {
  return otherRebooterNames.flatMap((name) => {
    const nodes = reports
      .filter(({ report }) => rebootersOn(report).some((each) => each.name === name))
      .map(({ node }) => node);
    if (nodes.length === 0) return [];
    const more = nodes.length - mostNodes;
    const named = nodes.slice(0, mostNodes).join(', ') + (more > 0 ? ` and ${more} more` : '');
    return [`${words[name].isOn} ${named}, beside Tugboot and without a drain. ${words[name].off}`];
  });
}
