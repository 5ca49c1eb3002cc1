import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  clip,
  cut,
  escape,
  groupMention,
  link,
  mention,
  plain,
  say,
  some,
  when,
} from '../../../src/bot/blocks/escape.ts';
import { section } from '../../../src/bot/blocks/blocks.ts';
import { isBlank } from '../../../src/reboot/words/text.ts';
import { hostile } from '../fixtures/hostile.ts';

const noLoneSurrogate = (text: string): boolean => text.isWellFormed();
const entitiesOnly = (text: string): boolean => !/&(?!(?:amp|lt|gt);)/.test(text);

describe('text from outside', () => {
  it('never opens a token, an entity or a code span', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const escaped = escape(text);
        expect(escaped).not.toMatch(/[<>`]/);
        expect(entitiesOnly(escaped)).toBe(true);
      }),
    );
  });

  it('never makes a new line, reorders text or hides a part of it', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        for (const shown of [escape(text), plain(text)])
          expect(shown).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      }),
    );
  });

  it('never turns bold, italic or struck out', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(escape(text)).not.toMatch(/(?<![\p{L}\p{N}])[*_~]|[*_~](?![\p{L}\p{N}])/u);
      }),
    );
  });

  it('draws no emoji, however the colons stand', () => {
    const met = { codes: 0 };
    const code = /:[\p{L}\p{M}\p{N}_+'-]+:/u;
    const pieces = fc.array(
      fc.oneof(fc.constant(':'), fc.constantFrom('tada', '+1', 'a', ' ', "o'clock", '日本', 'รูป', '::')),
      { minLength: 3, maxLength: 8 },
    );
    fc.assert(
      fc.property(pieces, (parts) => {
        const text = parts.join('');
        if (code.test(text)) met.codes += 1;
        expect(escape(text)).not.toMatch(code);
      }),
      { numRuns: 300 },
    );
    expect(met.codes).toBeGreaterThan(30);
    expect(escape('deploy :tada: :skin-tone-2: a:b:c')).toBe('deploy ∶tada: ∶skin-tone-2: a∶b:c');
  });

  it.each(['\u3164', '\u2800\u2800', '\u115f \u1160', '\u200b\ufe0f', ' \t', ''])(
    'counts as empty when nothing of it can be seen: %j',
    (text) => {
      expect(isBlank(text)).toBe(true);
      expect(section(say`${text}`)).toMatchObject({ text: { text: '-' } });
    },
  );

  it('is not empty when a single sign can be seen', () => {
    for (const text of ['.', '日', '👍', 'é', 'e\u0301']) expect(isBlank(text)).toBe(false);
  });

  it('keeps what people need to read: names and versions as they are', () => {
    for (const name of [
      'linux-image-6.8.0-49-generic',
      'libc6 2.39-0ubuntu8.3',
      'libc6:amd64',
      'snap:core22',
      'db/pg-1',
      '1.2~rc1+dfsg-1',
      'python3_x',
      'Füße',
      '日本',
    ])
      expect(escape(name)).toBe(name);
  });

  it('cannot crowd out the rest: one value has an end', () => {
    expect(escape('x'.repeat(10_000)).length).toBeLessThanOrEqual(600);
    expect(escape('x'.repeat(10_000)).endsWith('…')).toBe(true);
  });

  it('is escaped once, however templates are nested', () => {
    expect(say`${say`${'a & b'}`} <${'<!channel>'}`.mrkdwn).toBe('a &amp; b <&lt;!channel&gt;');
  });
});

describe('shortening', () => {
  it('keeps within the length and cuts between code points', () => {
    fc.assert(
      fc.property(hostile, fc.integer({ min: 1, max: 80 }), (text, max) => {
        const short = cut(text.toWellFormed(), max);
        expect(short.length).toBeLessThanOrEqual(max);
        expect(noLoneSurrogate(short)).toBe(true);
      }),
    );
  });

  it('never cuts inside a token or an entity', () => {
    fc.assert(
      fc.property(hostile, hostile, fc.integer({ min: 2, max: 300 }), (one, other, max) => {
        const text = say`${one} ${mention('U0MIA', 'mia')} ${other} ${when(0)} ${link('https://a.example/b', one)}`;
        const short = clip(text, max);
        expect(short.length).toBeLessThanOrEqual(max);
        expect(short.replaceAll(/<[^<>]*>/g, '')).not.toMatch(/[<>]/);
        expect(entitiesOnly(short)).toBe(true);
        expect(noLoneSurrogate(short)).toBe(true);
      }),
    );
  });

  it('says how many are missing from a list', () => {
    const names = ['a', 'b', 'c', 'd'].map((name) => say`${name}`);
    expect(some([], 3).mrkdwn).toBe('');
    expect(some(names.slice(0, 1), 3).mrkdwn).toBe('a');
    expect(some(names.slice(0, 3), 3).mrkdwn).toBe('a, b and c');
    expect(some(names, 3).mrkdwn).toBe('a, b, c and 1 more');
    expect(some(names, 3, 7).mrkdwn).toBe('a, b, c and 8 more');
  });
});

describe('mentions, links and times', () => {
  it('are made of ids and addresses only; anything else stays text', () => {
    expect(mention('U0MIA', 'mia').mrkdwn).toBe('<@U0MIA>');
    expect(mention('here', '<!here>').mrkdwn).toBe('&lt;!here&gt;');
    expect(mention('U0MIA> <!channel', 'mia').mrkdwn).toBe('mia');
    expect(groupMention('S0ONCALL').mrkdwn).toBe('<!subteam^S0ONCALL>');
    expect(groupMention('channel>').mrkdwn).toBe('channel&gt;');
    expect(link('javascript:alert(1)', 'x').mrkdwn).toBe('x');
    expect(link('https://a.example/b', 'a|b>').mrkdwn).toBe('<https://a.example/b|a|b&gt;>');
  });

  it('show a time in the zone of the reader, with a fallback', () => {
    expect(when(Date.UTC(2026, 10, 24, 1, 0)).mrkdwn).toBe(
      '<!date^1795482000^{date_short_pretty} {time}|2026-11-24 01:00 UTC>',
    );
    expect(when(Number.NaN).mrkdwn).not.toContain('NaN');
  });
});
