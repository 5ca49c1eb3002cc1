import { logSections } from './log-events/log-events.ts';
import { code, madeFrom, table } from './markdown.ts';

/** docs/logs.md: every message of bot and agent. */
export function logsPage(): string {
  const sections = logSections.map(({ title, events }) => {
    const rows = Object.entries(events).map(([message, meaning]) => [code(message), meaning]);
    return `## ${title}\n\n${table(['Message', 'Means'], rows)}\n`;
  });
  return `${madeFrom('scripts/generate/log-events')}
# Logs

Bot and agent write one JSON object per line on standard output. The message (\`msg\`) is constant: one for each event.
What varies stands in fields, and a field has the same name wherever it is found. \`LOG_LEVEL=debug\` says more.

| field | holds |
| --- | --- |
| \`component\`, \`version\` | \`bot\` or \`agent\`, and its version: on each line |
| \`cluster\` | the cluster's name: on each line, of the agent where its chart's \`config.cluster\` names it |
| \`reboot\` | name of the Reboot, the same in bot and agent |
| \`node\`, \`pool\` | names. Each line of an agent has its node |
| \`phase\` | the phase that the Reboot is in |
| \`err\`, \`why\` | what went wrong: an error with its code and causes, or a sentence |
| \`…_s\` | a time in seconds |

One reboot, from the first sign to the uncordon, through bot and agent, is one search for the name of its Reboot:

\`\`\`sh
kubectl -n tugboot logs -l app.kubernetes.io/name=tugboot --prefix --tail=-1 | grep worker-03-4f1c9a0b22
\`\`\`

What was decided is logged before what follows from it.

${sections.join('\n')}`;
}
