import { logSections } from '../log-events/log-events.ts';
import { auditedMessages } from '../../../src/ops/audited.ts';
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

## Audit

Lines that record a decision have \`"audit":true\`, and are written at every \`LOG_LEVEL\`: ${[...auditedMessages].map(code).join(', ')}.
Ended Reboots are deleted after a while (\`history\`); keep these lines where you keep audit logs:

\`\`\`sh
kubectl -n tugboot logs -l app.kubernetes.io/component=bot --tail=-1 | grep '"audit":true'
\`\`\`

\`audit.webhook\` of [the configuration](configuration.md) gets them besides, as a POST of \`{"version":1,"records":[…]}\` with at most 100 lines, in their order, with the
\`X-Tugboot-Signature\` of [the other webhooks](operations.md#gates) where it has a \`secretFile\`. Every status from 200 to 299 takes them. A webhook that is away
is tried again with pauses of up to a minute, and gets the last 1,000. It may get a record twice. A bot that ends before it could deliver leaves the rest to the log.

${sections.join('\n')}`;
}
