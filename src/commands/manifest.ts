import { parseArgs } from 'node:util';
import { manifest, manifestLimits } from '../bot/app-manifest.ts';
import type { Command } from './io.ts';

const help = `tugboot manifest [--name NAME] [--command /reboot]: prints the manifest of the Slack app.

Reads nothing. Writes YAML to stdout: paste it at https://api.slack.com/apps, "Create New App", "From a manifest".
Then make an app-level token with connections:write by hand; a manifest cannot hold one.

  --name NAME         the app's name, at most ${manifestLimits.name} characters (default Tugboot)
  --command COMMAND   the slash command, at most ${manifestLimits.command} characters (default /reboot)

Exit codes: 0 printed, 2 wrong usage.
`;

export const run: Command = async (args, io) => {
  const parsed = read(args);
  if (typeof parsed === 'string') {
    io.stderr.write(`tugboot manifest: ${parsed} See tugboot manifest --help.\n`);
    return 2;
  }
  io.stdout.write(parsed.help ? help : manifest(parsed));
  return 0;
};

interface ManifestArguments {
  readonly help: boolean;
  readonly name: string;
  readonly command: string;
}

/** The parsed options, or a sentence about the error. */
function read(args: readonly string[]): ManifestArguments | string {
  try {
    const options = {
      help: { type: 'boolean' },
      name: { type: 'string' },
      command: { type: 'string' },
    } as const;
    const { values } = parseArgs({ args: [...args], options });
    const { help: wantsHelp = false, name = 'Tugboot', command = '/reboot' } = values;
    return wrong(name, command) ?? { help: wantsHelp, name, command };
  } catch (error) {
    // The first sentence of parseArgs's message; the others are for developers.
    return `${(error instanceof Error ? error.message : String(error)).split(/\.?\n|\. /)[0] ?? ''}.`;
  }
}

function wrong(name: string, command: string): string | undefined {
  if (name.trim() === '' || name.length > manifestLimits.name) {
    return `a name has 1 to ${manifestLimits.name} characters, "${name}" has ${name.length}.`;
  }
  if (!/^\/[a-z0-9_-]+$/.test(command) || command.length > manifestLimits.command) {
    return `"${command}" is no slash command: a slash, then small letters, digits, - or _, at most ${manifestLimits.command} in all.`;
  }
  return undefined;
}
