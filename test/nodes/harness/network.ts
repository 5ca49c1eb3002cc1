import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A bridge for the machines, with this host as their gateway. */
export interface Network {
  readonly bridge: string;
  /** Address of this host, where API server, DNS and Slack listen. */
  readonly gateway: string;
  machine(index: number): MachineAddress;
}

export interface MachineAddress {
  readonly address: string;
  readonly mac: string;
  /** The network of its pods. */
  readonly pods: string;
  /** Name of its veth interface; another for each boot, since the kernel removes the last one late. */
  wire(boot: number): string;
}

const most = 16;

/** The first unused bridge, so that two runs on one host do not collide. */
export async function openNetwork(): Promise<Network> {
  const addresses = new Set(
    Object.values(networkInterfaces()).flatMap((all) => all?.map(({ address }) => address)),
  );
  const links = readdirSync('/sys/class/net');
  for (let number = 0; number < 200; number += 1) {
    const network = networkOf(number);
    const isTaken = links.some((name) => name === network.bridge || name.startsWith(wiresOf(number)));
    if (isTaken || addresses.has(network.gateway)) continue;
    const made = await ip('link', 'add', network.bridge, 'type', 'bridge').then(
      () => true,
      () => false,
    );
    if (!made) continue;
    await ip('address', 'add', `${network.gateway}/24`, 'dev', network.bridge);
    await ip('link', 'set', network.bridge, 'up');
    for (let index = 0; index < most; index += 1) {
      const { pods, address } = network.machine(index);
      await ip('route', 'add', pods, 'via', address);
    }
    return network;
  }
  throw new Error(
    '200 bridges of node tests are here already: remove them with `ip link delete tugboot-0` and so on.',
  );
}

const ip = (...args: readonly string[]): Promise<unknown> => run('ip', [...args]);

function networkOf(number: number): Network {
  const bridge = `tugboot-${number}`;
  return {
    bridge,
    gateway: `10.233.${number}.1`,
    machine: (index) => ({
      address: `10.233.${number}.${10 + index}`,
      mac: `02:74:75:67:${hex(number)}:${hex(index)}`,
      pods: `10.234.${number}.${index * 16}/28`,
      wire: (boot) => `${wiresOf(number)}${index}-${boot}`,
    }),
  };
}

/** At most 15 characters in all (IFNAMSIZ). */
const wiresOf = (number: number): string => `tug${number}-`;
const hex = (value: number): string => value.toString(16).padStart(2, '0');
