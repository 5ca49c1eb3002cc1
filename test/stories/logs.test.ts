/** What bot and agents log in a whole reboot, as the programs that ship. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { logSections } from '../../scripts/generate/log-events/log-events.ts';
import { describeWith } from '../needs/describe-with.ts';
import { openService } from '../gates/service-of-a-test.ts';
import { lackOf } from '../needs/programs.ts';
import { inDemoEnvironment } from './demo-stage.ts';

type Line = Readonly<Record<string, unknown>>;

/** Of bot and agents, in the order of their times. */
function linesIn(directory: string): readonly Line[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith('.log') && !name.startsWith('redis'))
    .flatMap((name) => readFileSync(join(directory, name), 'utf8').split('\n'))
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Line)
    .sort((one, other) => String(one['time']).localeCompare(String(other['time'])));
}

describeWith('the logs of bot and agents', { lack: lackOf('redis-server') }, () => {
  it('tell one reboot to who searches for its name, in lines that are all alike', async () => {
    const audit = await openService(() => ({ status: 204, body: '' }));
    const config = { audit: { webhook: { url: audit.url } } };
    await inDemoEnvironment({ config, programs: 'bundled' }, async (environment) => {
      await environment.press('mia', await environment.upgrade('worker-1'), 'Approve now');
      await environment.card('worker-1', /✓/);
      await environment.isFree('worker-1');
      const reboot = (): unknown =>
        linesIn(environment.directory).find(({ msg }) => msg === 'reboot required')?.['reboot'];
      const told = (): readonly string[] =>
        linesIn(environment.directory)
          .filter((line) => line['reboot'] === reboot())
          .map(({ component, msg, phase }) =>
            msg === 'reboot changed phase' ? `bot: ${String(phase)}` : `${String(component)}: ${String(msg)}`,
          );
      await environment.eventually('the end is logged', () => told().includes('bot: reboot ended'));
      const lines = told();
      const course = [
        'bot: reboot required',
        'bot: decision taken',
        'bot: Approved',
        'bot: Draining',
        'bot: node cordoned',
        'bot: node drained',
        'bot: Rebooting',
        'agent: asking the host to reboot',
        'agent: the order is for another boot: ignored',
        'bot: Succeeded',
        'bot: node uncordoned',
        'bot: reboot ended',
      ];
      expect(lines.filter((line) => course.includes(line))).toEqual(course);
      const known = logSections.map(
        ({ component, events }) => [component, new Set(Object.keys(events))] as const,
      );
      for (const line of linesIn(environment.directory)) {
        expect(line).toMatchObject({
          level: expect.any(String) as string,
          time: expect.any(String) as string,
          version: expect.any(String) as string,
        });
        const { component, msg } = line;
        expect(known.some(([name, messages]) => name === component && messages.has(String(msg)))).toBe(true);
        expect(Object.keys(line).filter((key) => !/^[a-z][a-z0-9_]*$/.test(key))).toEqual([]);
      }
      const records = audit.received.flatMap(
        ({ body }) => (JSON.parse(body) as { records: readonly Line[] }).records,
      );
      expect(records).toEqual(linesIn(environment.directory).filter((line) => line['audit'] === true));
      expect(records).toMatchObject([
        { decision: 'approved', by: 'U0MIA', node: 'worker-1', cluster: 'story' },
      ]);
    })();
    await audit.close();
  });
});
