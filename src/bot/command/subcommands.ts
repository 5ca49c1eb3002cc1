/** All subcommands of `/reboot`: help, "did you mean", the app's manifest and docs/commands.md use it. */
import type { Subcommand, SubcommandFacts } from './subcommand.ts';
import { approve } from './subcommands/approve.ts';
import { deny } from './subcommands/deny.ts';
import { helpWith } from './subcommands/help.ts';
import { now } from './subcommands/now.ts';
import { pause } from './subcommands/pause.ts';
import { plan } from './subcommands/plan.ts';
import { resume } from './subcommands/resume.ts';
import { snooze } from './subcommands/snooze.ts';
import { status } from './subcommands/status.ts';
import { why } from './subcommands/why.ts';
import { windows } from './subcommands/windows.ts';

/** In the order in which help lists them. */
export const subcommands = {
  status,
  why,
  plan,
  windows,
  approve,
  snooze,
  deny,
  now,
  pause,
  resume,
  help: helpWith((): Readonly<Record<string, SubcommandFacts>> => subcommands),
} satisfies Record<string, Subcommand>;

export type SubcommandName = keyof typeof subcommands;

const byWord: ReadonlyMap<string, Subcommand> = new Map(
  Object.entries(subcommands).flatMap(([name, row]) => [name, ...row.aliases].map((word) => [word, row])),
);

/** The subcommand of a name or an alias. */
export const subcommandNamed = (word: string): Subcommand | undefined => byWord.get(word);
