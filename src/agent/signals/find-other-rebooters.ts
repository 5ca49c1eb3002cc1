import { readdir } from 'node:fs/promises';
import type { OtherRebooter } from '../../reboot/nodes/node-report.ts';
import { type OtherRebooterName, reportLimits } from '../../reboot/nodes/report-limits.ts';
import { aptSetting, isAptTrue } from '../packages/apt-settings.ts';
import { cleanText } from '../host/clean-text.ts';
import { findHostProcesses } from '../host/host-processes.ts';
import { locate, readBounded } from '../host/host-files.ts';
import { timestampOf } from '../host/timestamp.ts';

export interface RebooterPlaces {
  readonly root: string;
  /** The host's /proc. */
  readonly proc: string;
}

/**
 * Other tools on the host that are enabled to reboot it. Unreadable places count as absent: the result is
 * used for a warning only.
 */
export async function readOtherRebooters({ root, proc }: RebooterPlaces): Promise<readonly OtherRebooter[]> {
  const all = [
    ...(await daemons(proc).catch(() => [])),
    ...(await scheduled(root).catch(() => [])),
    ...(await unattendedUpgrades(root).catch(() => [])),
    ...(await dnfAutomatic(root).catch(() => [])),
  ];
  return all.map(({ name, what }) => ({ name, what: cleanText(what, reportLimits.reasonLength) }));
}

interface Detected extends OtherRebooter {
  readonly name: OtherRebooterName;
}

/** By the command name of the process. */
const known: ReadonlyMap<string, OtherRebooterName> = new Map([
  ['locksmithd', 'locksmithd'],
  ['rebootmgrd', 'rebootmgr'],
  ['zincati', 'zincati'],
]);

async function daemons(proc: string): Promise<readonly Detected[]> {
  const running = await findHostProcesses(proc, (name) => known.has(name), 'services');
  const seen = new Map<OtherRebooterName, Detected>();
  for (const { name: comm } of running) {
    const name = known.get(comm);
    // Without its PID: a restart of the service must not change the report.
    if (name !== undefined) seen.set(name, { name, what: `${comm} runs` });
  }
  return [...seen.values()].sort(byName);
}

const byName = (a: Detected, b: Detected): number => (a.name < b.name ? -1 : 1);

/**
 * logind writes it for a `shutdown` with a time, which unattended-upgrades uses too, and removes it when that
 * is cancelled.
 */
const schedule = 'run/systemd/shutdown/scheduled';
/** Modes that end a boot (org.freedesktop.login1, ScheduleShutdown); with the prefix `dry-` they do not. */
const endings: ReadonlyMap<string, string> = new Map([
  ['reboot', 'a reboot'],
  ['kexec', 'a kexec'],
  ['soft-reboot', 'a restart of user space'],
  ['poweroff', 'a shutdown'],
  ['halt', 'a halt'],
]);

async function scheduled(root: string): Promise<readonly Detected[]> {
  const text = await textOf(root, schedule, 4_096);
  const ending = endings.get(/^MODE=(.*)$/m.exec(text)?.[1] ?? '');
  if (ending === undefined) return [];
  const at = timestampOf(Number(/^USEC=(\d{1,20})$/m.exec(text)?.[1] ?? Number.NaN) / 1_000);
  return [{ name: 'shutdown', what: `${ending} is scheduled${at === undefined ? '' : ` for ${at}`}` }];
}

const aptDirectory = 'etc/apt/apt.conf.d';
const automaticReboot = 'Unattended-Upgrade::Automatic-Reboot';
const mostFiles = 100;
const longestFile = 256 * 1024;

async function unattendedUpgrades(root: string): Promise<readonly Detected[]> {
  const place = await locate(root, aptDirectory);
  if (place.kind !== 'found') return [];
  // In the order of apt: by name, without files of other extensions (apt.conf(5)).
  const files = (await readdir(place.path)).filter((name) => /^[\w-]+(?:\.conf)?$/.test(name));
  let last: { readonly file: string; readonly value: string } | undefined;
  for (const file of files.sort().slice(0, mostFiles)) {
    const value = aptSetting(await textOf(root, `${aptDirectory}/${file}`, longestFile), automaticReboot);
    if (value !== undefined) last = { file, value };
  }
  if (last === undefined || !isAptTrue(last.value)) return [];
  return [{ name: 'unattended-upgrades', what: `${automaticReboot} is on in /${aptDirectory}/${last.file}` }];
}

const dnfFile = 'etc/dnf/automatic.conf';

async function dnfAutomatic(root: string): Promise<readonly Detected[]> {
  const value = iniSetting(await textOf(root, dnfFile, longestFile), 'commands', 'reboot');
  if (value !== 'when-needed' && value !== 'when-changed') return [];
  return [{ name: 'dnf-automatic', what: `reboot = ${value} in /${dnfFile}` }];
}

/** The last value of a setting in an INI file, parsed as Python's configparser does. */
export function iniSetting(text: string, section: string, name: string): string | undefined {
  let current = '';
  let found: string | undefined;
  for (const line of text.split('\n')) {
    const head = /^\[([^\]]*)\]/.exec(line)?.[1];
    if (head !== undefined) current = head;
    const at = line.search(/[=:]/);
    if (at < 0 || current !== section || /^[#;]/.test(line)) continue;
    if (line.slice(0, at).trim().toLowerCase() === name) found = line.slice(at + 1).trim();
  }
  return found;
}

async function textOf(root: string, name: string, limit: number): Promise<string> {
  const found = await locate(root, name);
  if (found.kind !== 'found') return '';
  const content = await readBounded(found.path, limit).catch(() => undefined);
  return content?.kind === 'content' ? content.bytes.toString('utf8') : '';
}
