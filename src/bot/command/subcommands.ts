/** All subcommands of `/reboot`: help, "did you mean", the app's manifest and docs/commands.md use it. */
import type { Subcommand, SubcommandFacts } from './subcommand.ts';
import { approveSubcommand } from './subcommands/approve.ts';
import { denySubcommand } from './subcommands/deny.ts';
import { cancelSubcommand } from './subcommands/cancel.ts';
import { forceSubcommand } from './subcommands/force.ts';
import { retrySubcommand } from './subcommands/retry.ts';
import { skipSubcommand } from './subcommands/skip.ts';
import { wakeSubcommand } from './subcommands/wake.ts';
import { doctorSubcommand } from './subcommands/doctor.ts';
import { helpSubcommand } from './subcommands/help.ts';
import { nowSubcommand } from './subcommands/now.ts';
import { pauseSubcommand } from './subcommands/pause.ts';
import { planSubcommand } from './subcommands/plan.ts';
import { resumeSubcommand } from './subcommands/resume.ts';
import { snoozeSubcommand } from './subcommands/snooze.ts';
import { statusSubcommand } from './subcommands/status.ts';
import { whySubcommand } from './subcommands/why.ts';
import { windowsSubcommand } from './subcommands/windows.ts';

/** In the order in which help lists them. */
export const subcommands = {
  status: statusSubcommand,
  why: whySubcommand,
  plan: planSubcommand,
  windows: windowsSubcommand,
  approve: approveSubcommand,
  snooze: snoozeSubcommand,
  deny: denySubcommand,
  wake: wakeSubcommand,
  cancel: cancelSubcommand,
  retry: retrySubcommand,
  skip: skipSubcommand,
  force: forceSubcommand,
  now: nowSubcommand,
  pause: pauseSubcommand,
  resume: resumeSubcommand,
  doctor: doctorSubcommand,
  help: helpSubcommand((): Readonly<Record<string, SubcommandFacts>> => subcommands),
} satisfies Record<string, Subcommand>;

export type SubcommandName = keyof typeof subcommands;

const byWord: ReadonlyMap<string, Subcommand> = new Map(
  Object.entries(subcommands).flatMap(([name, row]) => [name, ...row.aliases].map((word) => [word, row])),
);

/** The subcommand of a name or an alias. */
export const subcommandNamed = (word: string): Subcommand | undefined => byWord.get(word);
