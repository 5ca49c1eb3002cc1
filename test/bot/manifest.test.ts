import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { run } from '../../src/commands/manifest.ts';

async function manifest(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const code = await run(args, { stdout, stderr, env: {}, signal: new AbortController().signal });
  return { code, out: String(stdout.read() ?? ''), err: String(stderr.read() ?? '') };
}

describe('tugboot manifest', () => {
  it('prints an app with the scopes that are used, and why', async () => {
    const { code, out } = await manifest();
    expect(code).toBe(0);
    expect(parse(out)).toMatchObject({
      display_information: { name: 'Tugboot' },
      features: { slash_commands: [{ command: '/reboot', should_escape: true }] },
      oauth_config: {
        scopes: {
          bot: [
            'chat:write',
            'commands',
            'users:read',
            'usergroups:read',
            'channels:read',
            'groups:read',
            'channels:history',
            'groups:history',
          ],
        },
      },
      settings: { interactivity: { is_enabled: true }, socket_mode_enabled: true },
    });
    expect(out).toMatch(/channels:history # find a card/);
  });

  it('keeps within what Slack takes', async () => {
    const app = parse((await manifest()).out) as { display_information: { description: string } };
    expect(app.display_information.description.length).toBeLessThanOrEqual(140);
    for (const name of ['x'.repeat(36), ' ']) expect((await manifest('--name', name)).code).toBe(2);
    for (const command of ['reboot', '/Reboot', `/${'x'.repeat(32)}`])
      expect((await manifest('--command', command)).code).toBe(2);
  });

  it('takes a name and a command, also odd ones, as text', async () => {
    const { out } = await manifest('--name', 'Tug: #1 - "eu"', '--command', '/reboot-eu');
    expect(parse(out)).toMatchObject({
      display_information: { name: 'Tug: #1 - "eu"' },
      features: { slash_commands: [{ command: '/reboot-eu' }] },
    });
  });

  it('says what it does, and what is wrong with its arguments', async () => {
    expect((await manifest('--help')).out).toContain('Exit codes');
    const wrong = await manifest('--nmae', 'x');
    expect(wrong.code).toBe(2);
    expect(wrong.err).toContain("'--nmae'");
  });
});
