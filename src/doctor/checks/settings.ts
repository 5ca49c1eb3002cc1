/** The configuration, and the data that this program was built with. */
import type { Problem } from '../../config/checks/problems.ts';
import { type Check, type Finding, ok, warning } from '../finding.ts';

export interface SettingsCheckDeps {
  /** Warnings of the configuration file, as check-config gives them. */
  readonly warnings: readonly Problem[];
  /** The version of the tz database, such as 2026c; undefined if it is not known. */
  readonly tzData: string | undefined;
  readonly year: number;
}

export const settingsChecks = (deps: SettingsCheckDeps): readonly Check[] => [
  { name: 'configuration', run: async () => configuration(deps) },
  { name: 'time zones', run: async () => timeZones(deps) },
];

const configuration = ({ warnings }: SettingsCheckDeps): readonly Finding[] =>
  warnings.length === 0
    ? [ok('The configuration is right.')]
    : warnings.map(({ path, message }) => warning(`${path}: ${message}`, 'Change it, unless it is meant.'));

function timeZones({ tzData, year }: SettingsCheckDeps): readonly Finding[] {
  const made = Number(/^\d{4}/.exec(tzData ?? '')?.[0]);
  if (year - made <= 1) return [ok(`Time zone data ${tzData}.`)];
  return [
    warning(
      `The time zone data is ${tzData === undefined ? 'of an unknown version' : `of ${tzData}`}.`,
      'Upgrade Tugboot: windows open by the laws of then.',
    ),
  ];
}
