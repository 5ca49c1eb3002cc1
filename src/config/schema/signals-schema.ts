/** The signals of a pool, which request reboots. */
import { z } from 'zod';
import { commandPresetNames, hostSignalNames } from '../../reboot/nodes/host-signals.ts';
import { nodeContract } from '../../reboot/nodes/node-contract.ts';
import { departingByDefault } from '../../reboot/policy/departure.ts';
import { clusterSignals, type PoolSignal } from '../../reboot/policy/pool-signal.ts';

const names = [...hostSignalNames, ...commandPresetNames, ...clusterSignals.map(({ name }) => name)];
const howToWrite = `Signals are names (${names.join(', ')}), or one of \`command:\`, \`condition:\`, \`label:\`, \`annotation:\`.`;

const key = (what: string) =>
  z
    .string({ error: `Name the ${what}.` })
    .regex(/^([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/, {
      error: `Keys of a ${what} look like example.com/reboot-needed.`,
    });
const value = z
  .string({ error: 'Values are text, in quotes.' })
  .optional()
  .describe('The value that it must have; without it any will do.');

const somebodyWorks =
  'MaintenanceInProgress and DrainInProgress say that somebody works on the node, which asks for nothing. Take it out; such nodes are not started anyway (`departing`).';

const conditionType = z
  .string({ error: 'Name the type of the condition.' })
  .regex(/^[A-Za-z0-9][A-Za-z0-9./_-]{0,315}$/, { error: 'Types of conditions look like KernelDeadlock.' })
  // Tugboot writes this condition when a signal is set, so as a signal it would never clear.
  .refine((type) => type !== nodeContract.rebootRequired.key, {
    error: `Tugboot itself writes the condition ${nodeContract.rebootRequired.key}: it cannot be a signal.`,
  })
  .refine((type) => !departingByDefault.conditions.includes(type), { error: somebodyWorks });

const signalSchema = z.union(
  [
    z.enum(names, { error: howToWrite }),
    z.strictObject({
      command: z
        .string({ error: howToWrite })
        .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, {
          error:
            'Commands have the names that the agent was given for them: lower-case letters, digits and dashes.',
        })
        .describe('A command of the agent, by the name that it has there.'),
    }),
    z.strictObject({
      condition: conditionType.describe('A condition of the Node, by its type.'),
      status: z
        .enum(['True', 'False', 'Unknown'], {
          error: ({ input }) =>
            typeof input === 'boolean'
              ? `Without quotes it is no text: write "${input ? 'True' : 'False'}" in quotes.`
              : 'Write "True", "False" or "Unknown", in quotes.',
        })
        .default('True')
        .describe('The status in which it asks. Default True.'),
    }),
    z.strictObject({ label: key('label').describe('A label of the Node, by its key.'), value }),
    z.strictObject({
      annotation: key('annotation').describe('An annotation of the Node, by its key.'),
      value,
    }),
  ],
  { error: ({ input }) => (input === 'maintenance-in-progress' ? somebodyWorks : howToWrite) },
);

type SignalFile = z.infer<typeof signalSchema>;

export const signalsSchema = z
  .array(signalSchema, { error: 'Signals are a list.' })
  .max(30, { error: 'Name at most 30 signals.' })
  .superRefine((signals, context) => {
    const seen = new Set<string>();
    for (const [index, { name }] of signals.map(poolSignal).entries()) {
      if (seen.has(name))
        context.addIssue({ code: 'custom', path: [index], message: `"${name}" is named twice.` });
      seen.add(name);
    }
  })
  .default(['sentinel'])
  .describe(
    'What may ask for a reboot: names, or signals of your own as `{ command: NAME }`, `{ condition: TYPE, status: "True" }`, `{ label: KEY, value: TEXT }`, `{ annotation: KEY, value: TEXT }`. See operations.md. Default `[sentinel]`.',
  );

export function poolSignal(file: SignalFile): PoolSignal {
  if (typeof file === 'string')
    return clusterSignals.find(({ name }) => name === file) ?? { kind: 'reported', name: file };
  if ('command' in file) return { kind: 'reported', name: file.command };
  if ('condition' in file)
    return { kind: 'condition', name: file.condition, type: file.condition, status: file.status };
  const value = file.value === undefined ? {} : { value: file.value };
  return 'label' in file
    ? { kind: 'label', name: file.label, key: file.label, ...value }
    : { kind: 'annotation', name: file.annotation, key: file.annotation, ...value };
}
