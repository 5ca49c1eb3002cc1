/** `hooks.silence`: which alerts are silenced while a node is out of service. */
import { z } from 'zod';
import type { SilencePolicy } from '../../reboot/policy/pool-hooks.ts';
import { accessOf, accessSettings } from '../http-access.ts';
import { isExpression } from './schema-parts.ts';

type Matcher = SilencePolicy['matchers'][number];

const matchersAre =
  'A matcher of Alertmanager, such as node="{node}", instance=~"{node}:.*" or severity!="critical".';

/** In the syntax of amtool and of Alertmanager's web page; undefined if invalid. */
export function parseMatcher(text: string): Matcher | undefined {
  const found = /^\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*(=~|!~|!=|=)\s*(.*?)\s*$/s.exec(text);
  if (!found) return undefined;
  const [, name = '', operator = '', written = ''] = found;
  const value = unquoted(written);
  if (value === undefined) return undefined;
  return { name, value, isRegex: operator.endsWith('~'), isEqual: operator.startsWith('=') };
}

function unquoted(written: string): string | undefined {
  if (!written.startsWith('"')) return /["{},]/.test(written.replaceAll('{node}', '')) ? undefined : written;
  try {
    const value: unknown = JSON.parse(written);
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}

const matcher = z
  .string({ error: matchersAre })
  .max(500, { error: 'At most 500 characters.' })
  .superRefine((text, context) => {
    const parsed = parseMatcher(text);
    if (parsed === undefined) context.addIssue({ code: 'custom', message: matchersAre });
    else if (parsed.isRegex && !isExpression(parsed.value.replaceAll('{node}', 'node')))
      context.addIssue({ code: 'custom', message: 'No regular expression: a bracket is open, say.' });
  });

/** A set of matchers that matches every node would silence the whole cluster. */
const namesNode = (texts: readonly string[]): boolean =>
  texts.some((text) => {
    const parsed = parseMatcher(text);
    return parsed?.isEqual === true && parsed.value.includes('{node}');
  });

const areDistinct = (texts: readonly string[]): boolean => {
  const names = texts.flatMap((text) => parseMatcher(text)?.name ?? []);
  return new Set(names).size === names.length;
};

export const silenceSchema = z
  .strictObject(
    {
      ...accessSettings,
      matchers: z
        .array(matcher, { error: 'Matchers are a list.' })
        .min(1, { error: 'Name at least one matcher.' })
        .max(16, { error: 'Name at most 16 matchers.' })
        .refine(namesNode, {
          error:
            'One matcher has to name the node, with = or =~, such as node="{node}": else all alerts would be silenced.',
        })
        .refine(areDistinct, {
          error: 'One matcher for each label: write a regular expression for several values.',
        })
        .describe(
          'Which alerts, in the words of Alertmanager, such as node="{node}"; {node} stands for the name of the node.',
        ),
    },
    { error: 'A silence is written as `url:` and `matchers:`.' },
  )
  .optional()
  .describe(
    'An Alertmanager in which alerts of the node are silenced from the cordon to the uncordon, or until the reboot fails.',
  );

export const silenceOf = (file: NonNullable<z.infer<typeof silenceSchema>>): SilencePolicy => ({
  access: accessOf(file),
  matchers: file.matchers.flatMap((text) => parseMatcher(text) ?? []),
});
