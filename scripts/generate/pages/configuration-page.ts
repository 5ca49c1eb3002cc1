import { help as agentHelp } from '../../../src/commands/agent.ts';
import { type Variable, variables } from '../../../src/config/environment.ts';
import { jsonSchema } from '../../../src/config/schema/schema.ts';
import { code, madeFrom, table } from './markdown.ts';
import { settingsOf } from '../settings.ts';

/** The whole reference: the file, the environment of the bot, and that of the agent. */
export const configurationPage =
  (): string => `${madeFrom('src/config/schema/schema.ts, src/config/environment.ts and src/commands/agent.ts')}
# Configuration

What Tugboot may do, and who may tell it to, stands in one YAML file. Addresses and secrets stand in the environment. Try a file before you
ship it: \`tugboot check-config tugboot.yaml\` names every problem at once, with its place, and needs neither cluster nor Slack.
[examples/tugboot.yaml](../examples/tugboot.yaml) is a file to start from; [schema/tugboot.schema.json](../schema/tugboot.schema.json) is
for editors. A changed file is taken without a restart; a bad one is refused, and the one before stays in force.

Without a file there is one pool with all nodes, approval is manual, and nobody may approve until somebody is named.

## The file

${table(
  ['setting', 'values', 'default', 'meaning'],
  settingsOf(jsonSchema()).map(({ path, values, fallback, meaning }) => [
    code(path),
    values,
    fallback,
    meaning,
  ]),
)}

Durations look like \`90s\`, \`15m\`, \`12h\`, \`1h30m\`, \`30d\`. Times look like \`"02:00"\`, in quotes, and are read on the wall clock of the
window's zone. Ids of Slack look like \`C0123ABCD\` (channels), \`U0123ABCD\` (people), \`S0123ABCD\` (user groups); names do not do, since people
can change them.

## The environment of the bot

${table(['variable', 'default', 'meaning'], Object.values(variables as Readonly<Record<string, Variable>>).map(variableRow))}

Of a secret, \`NAME_FILE\` may name a file that holds it. Secrets never stand in logs or messages.

## The environment of the agent

The chart sets these.

${table(['variable', 'meaning'], agentVariables(agentHelp))}
`;

function variableRow({ name, what, required, secret, fallback }: Variable): readonly string[] {
  const whether = required ? 'required' : fallback === undefined ? '' : code(fallback);
  return [
    code(name),
    whether,
    secret ? `${what} A secret: ${code(`${name}_FILE`)} may be given instead.` : what,
  ];
}

/** The agent's variables are listed in its help only, so they are parsed from there. */
export function agentVariables(help: string): readonly (readonly [string, string])[] {
  const rows = [...help.matchAll(/^ {2}([A-Z][A-Z0-9_]+) +(.+)$/gm)];
  if (rows.length === 0) throw new Error('the help of the agent names no variable');
  return rows.map(([, name = '', meaning = '']) => [code(name), meaning]);
}
