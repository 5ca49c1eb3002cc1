/** Zones without a place in their name, against the tz database itself. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { isTimeZone } from '../../../src/reboot/windows/wall-clock.ts';
import { namesWithoutPlace } from '../../../src/reboot/windows/zone-names.ts';

/** Names without a slash of the files `backward`, `etcetera`, `europe` and `northamerica` of tzdata 2025b. */
const tzNames = `
  CET CST6CDT Cuba EET EST EST5EDT Egypt Eire Factory GB GB-Eire GMT GMT+0 GMT-0 GMT0 Greenwich HST Hongkong Iceland Iran
  Israel Jamaica Japan Kwajalein Libya MET MST MST7MDT NZ NZ-CHAT Navajo PRC PST8PDT Poland Portugal ROC ROK Singapore
  Turkey UCT UTC Universal W-SU WET Zulu`
  .split(/\s+/)
  .filter((name) => name !== '');

/** The compact form of the whole database, where the machine has it. */
const compact = '/usr/share/zoneinfo/tzdata.zi';

function installedNames(): readonly string[] {
  if (!existsSync(compact)) return tzNames;
  const lines = readFileSync(compact, 'utf8').split('\n');
  const names = lines.flatMap((line) => /^(?:L \S+|Z) ([^\s/]+)(?:\s|$)/.exec(line)?.[1] ?? []);
  return [...new Set(names)];
}

/** `Factory` stands for a clock that nobody has set, and the runtime does not know it. */
const isKnown = (name: string): boolean => {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
};

describe('zones without a place in their name', () => {
  it('are those of the tz database that the runtime knows, and no others', () => {
    const all = tzNames.filter(isKnown);
    expect(all.length).toBeGreaterThan(40);
    expect([...namesWithoutPlace].toSorted()).toEqual(all.toSorted());
    expect(installedNames().filter(isKnown).toSorted()).toEqual(all.toSorted());
  });

  it('hold all such that the runtime itself lists, and each is a zone', () => {
    const listed = Intl.supportedValuesOf('timeZone').filter((name) => !name.includes('/'));
    expect(listed.filter((name) => !namesWithoutPlace.has(name))).toEqual([]);
    expect([...namesWithoutPlace].filter((name) => !isTimeZone(name))).toEqual([]);
  });
});
