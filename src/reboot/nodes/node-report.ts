/**
 * The NodeAgent as it is stored. `spec` is the order, written by the bot alone; `status` is the report,
 * written by the agent of the node alone. The report comes from the host and is hostile until escaped.
 *
 * The declaration makes the types, the reader, the custom resource definition, the reference page and the
 * arbitrary of the property tests. The agent imports the types alone. The reader checks the bounds, too: the
 * writer runs on a host that may be compromised.
 */
import { z } from 'zod';
import { choice, count, flag, type Stored, time } from '../schema/field.ts';
import { otherRebooterNames, reportLimits } from './report-limits.ts';

const text = (description: string, max: number = reportLimits.reasonLength) =>
  z.string().max(max).meta({ description });

const list = <Item extends z.ZodType>(item: Item, description: string, max: number) =>
  z.array(item).max(max).meta({ description });

const bootId = (description: string) => text(description, reportLimits.idLength);
const release = (description: string) => text(description, reportLimits.versionLength);
const answer = (description: string) => choice(['yes', 'no', 'unknown'], description);

/** `unknown` when it cannot be read. Never "yes" by default. */
export type Answer = Stored<ReturnType<typeof answer>>;

const reportedPackage = z.object({
  name: text('Name of the package.', reportLimits.nameLength),
  version: release('The version that is installed.').exactOptional(),
});
export type ReportedPackage = Stored<typeof reportedPackage>;

/** Clamped instead of rejected: an absurd count must not make the whole object unreadable. */
export const leftOutCount = z
  .int()
  .min(0)
  .transform((left) => Math.min(left, reportLimits.packagesLeftOut))
  .meta({ description: 'Number of packages that the node named and that are not listed.' });

const signalReading = z.object({
  name: text('Name of the signal.', reportLimits.signalName),
  required: answer('What it says; unknown when it cannot be read.'),
  reason: text('The reason that it gives, or why it cannot be read.').exactOptional(),
  since: time('Since when it says yes, where the host records that.').exactOptional(),
  packages: list(
    reportedPackage,
    'Packages that it names. Those of the sentinel are in the report itself.',
    reportLimits.signalPackages,
  ).exactOptional(),
});
/** The current reading of one signal of the host. */
export type SignalReading = Stored<typeof signalReading>;

const packageWork = z
  .object({
    since: time('Since when the agent sees it.'),
    active: flag('Whether a package manager runs. Else packages were left half configured.'),
    what: text('The lock, and the process that holds it.'),
  })
  .meta({ description: 'A package manager at work, or packages that were left half configured.' });
/** A running package manager, or an interrupted one. */
export type PackageWork = Stored<typeof packageWork>;

const otherRebooter = z.object({
  // A later agent may report others.
  name: text(`One of ${otherRebooterNames.join(', ')}.`, reportLimits.signalName),
  what: text('What the agent found of it.'),
});
/** A mechanism of the host that reboots it without a decision and without a drain. */
export type OtherRebooter = Stored<typeof otherRebooter>;

const orderReceipt = z
  .object({
    endBoot: bootId('The boot that was ordered to end.'),
    state: choice(
      ['obeying', 'refused', 'failed'],
      'obeying: the agent requests the reboot from the host. refused: a condition was not met. failed: the host rejected the request.',
    ),
    at: time('When the agent answered.'),
    message: text('Why it was refused or failed.').exactOptional(),
    generation: count(
      'metadata.generation when the order was read. The same boot ordered in a later one is another order.',
    ).exactOptional(),
  })
  .meta({ description: 'The answer to spec.endBoot, written before the reboot is requested.' });
/** The agent's answer to an order. An order that was withdrawn and given again has another generation. */
export type OrderReceipt = Stored<typeof orderReceipt>;

/** Known fields only: an agent of a later version may send more. */
export const nodeReport = z
  .object({
    // Repeated in `signals`. The first agents reported nothing else.
    required: answer('What the sentinel says; unknown when it cannot be read.'),
    reason: text('Why the sentinel cannot be read.').exactOptional(),
    requiredSince: time('When the sentinel file was last written.').exactOptional(),
    packages: list(reportedPackage, 'Packages that the sentinel names, in its order.', reportLimits.packages),
    packagesLeftOut: leftOutCount,
    kernel: z
      .object({
        running: release('Release of the kernel that runs.'),
        newest: release('Release of the newest kernel that is installed.').exactOptional(),
      })
      .meta({ description: 'The kernel that runs, and the newest one that is installed.' }),
    bootId: bootId('The boot that the report is of.'),
    bootedAt: time('When that boot began, to the second.').exactOptional(),
    agent: text('Version of the agent.', reportLimits.idLength),
    signals: list(
      signalReading,
      'Every signal that the agent reads on its host. Which of them count is decided per pool.',
      reportLimits.signals,
    ).exactOptional(),
    asking: text('For people with kubectl: the names of the signals that say yes.').exactOptional(),
    packageWork: packageWork.exactOptional(),
    otherRebooters: list(
      otherRebooter,
      'What else of the host reboots it by itself, and is switched on.',
      reportLimits.otherRebooters,
    ).exactOptional(),
    order: orderReceipt.exactOptional(),
  })
  .meta({ description: 'The report. Written by the agent of the node alone.' });
/** The agent's report about its node: the `status` of its NodeAgent. */
export type NodeReport = Stored<typeof nodeReport>;

export const agentSpec = z
  .object({
    endBoot: bootId('The boot to end. A node that has booted since ignores it.').exactOptional(),
    whilePackagesChange: flag(
      'A person wants the reboot even while packages are being changed.',
    ).exactOptional(),
  })
  .meta({ description: 'The order. Written by the bot alone.' });
