import { type Variable, variables } from '../../src/config/environment.ts';

const heading = `# The environment of \`tugboot serve\`. Made from src/config/environment.ts by \`npm run generate\`: change it there.
# Copy it to .env, fill it in, and start the bot with: node --env-file=.env dist/tugboot.cjs serve
# A line that begins with # shows a variable that may be left out, with its default.
`;

/** Every variable of the bot, as a file for `node --env-file`. */
export const envExample = (): string =>
  [heading, ...Object.values(variables as Readonly<Record<string, Variable>>).map(entry)].join('\n');

function entry({ name, what, required, secret, fallback }: Variable): string {
  const file = secret ? `\n# A secret: ${name}_FILE may name a file that holds it instead.` : '';
  return `# ${what}${required ? ' Required.' : ''}${file}\n${required ? '' : '#'}${name}=${fallback ?? ''}\n`;
}
