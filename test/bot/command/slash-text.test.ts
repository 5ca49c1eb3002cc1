import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { commandText } from '../../../src/bot/command/slash-text.ts';
import { escapedText } from '../../../demo/slack/acts/command-text.ts';
import { channelSeeds, usergroupSeeds, userSeeds } from '../../../demo/slack/workspace/seeds.ts';

const workspace = {
  users: () => userSeeds,
  usergroups: () => usergroupSeeds,
  channels: () => channelSeeds('U0BOT'),
};

describe('the text of a command', () => {
  it.each([
    ['why <http://worker-3.example.com|worker-3.example.com>', 'why worker-3.example.com'],
    ['why <https://worker-3.example.com>', 'why https://worker-3.example.com'],
    ['pause all for <mailto:mia@example.com|mia@example.com>', 'pause all for mia@example.com'],
    ['deny n1 <mailto:mia@example.com>', 'deny n1 mia@example.com'],
    ['deny n1 ask <@U0MIA|mia> first', 'deny n1 ask @mia first'],
    ['deny n1 ask <@U0MIA>', 'deny n1 ask @U0MIA'],
    ['deny n1 see <#C0OPS|ops> and <#C0EMPTY|>', 'deny n1 see #ops and #C0EMPTY'],
    ['deny n1 <!subteam^S0SRE|@sre-oncall> says so', 'deny n1 @sre-oncall says so'],
    ['deny n1 <!subteam^S0SRE>', 'deny n1 @S0SRE'],
    ['deny n1 <!here|here> and <!channel>', 'deny n1 here and @channel'],
    ['deny n1 R&amp;D says load &gt; 5 &lt; 9', 'deny n1 R&D says load > 5 < 9'],
    ['deny n1 &amp;lt;b&amp;gt;', 'deny n1 &lt;b&gt;'],
    ['deny n1 <http://a.example.com?x=1&amp;y=2|a.example.com?x=1&amp;y=2>', 'deny n1 a.example.com?x=1&y=2'],
    ['  status  ', 'status'],
    ['why <', 'why <'],
    ['', ''],
  ])('%s was typed as %s', (text, invocation) => {
    expect(commandText(text)).toBe(invocation);
  });

  it('is what was typed, whatever Slack makes of its words', () => {
    const met = { links: 0, mentions: 0 };
    const word = fc.oneof(
      fc.constantFrom('mia@example.com', '@mia', '#reboots', '@sre-oncall', 'http://x.example.com/a?b=1&c=2'),
      fc.constantFrom(
        'worker-3.example.com',
        'ip-10-0-0-1.eu-west-1.compute.internal.',
        'R&D',
        '<b>',
        '6.8.0',
      ),
      fc.string({
        unit: fc.constantFrom('a', '<', '>', '&', ';', '.', '@', '#', '|', '!', '1'),
        minLength: 1,
      }),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 5 }), (words) => {
        const invocation = words.join(' ');
        const sent = escapedText(workspace, invocation);
        if (/<(http|mailto)/.test(sent)) met.links += 1;
        if (/<[@#!]/.test(sent)) met.mentions += 1;
        expect(commandText(sent)).toBe(invocation);
      }),
    );
    expect(met.links).toBeGreaterThan(15);
    expect(met.mentions).toBeGreaterThan(15);
  });
});
