/** All subcommands of `/reboot`: help, "did you mean", the app's manifest and docs/commands.md use it. */
import type { Subcommand, SubcommandFacts } from './subcommand.ts';
import { approveSubcommand } from './subcommands/changes/approve.ts';
import { denySubcommand } from './subcommands/changes/deny.ts';
import { cancelSubcommand } from './subcommands/changes/cancel.ts';
import { forceSubcommand } from './subcommands/changes/force.ts';
import { retrySubcommand } from './subcommands/changes/retry.ts';
import { skipSubcommand } from './subcommands/changes/skip.ts';
import { wakeSubcommand } from './subcommands/changes/wake.ts';
import { doctorSubcommand } from './subcommands/questions/doctor.ts';
import { helpSubcommand } from './subcommands/questions/help.ts';
import { nowSubcommand } from './subcommands/changes/now.ts';
import { pauseSubcommand } from './subcommands/changes/pause.ts';
import { planSubcommand } from './subcommands/questions/plan.ts';
import { resumeSubcommand } from './subcommands/changes/resume.ts';
import { snoozeSubcommand } from './subcommands/changes/snooze.ts';
import { statusSubcommand } from './subcommands/questions/status.ts';
import { whySubcommand } from './subcommands/questions/why.ts';
import { windowsSubcommand } from './subcommands/questions/windows.ts';

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
