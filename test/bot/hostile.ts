import * as fc from 'fast-check';

/** What a node, a pod, a package or a person may put into a name in order to deceive, and plain nonsense. */
export const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc
    .array(
      fc.constantFrom(
        '<!channel>',
        '<!here>',
        '<@U0MIA>',
        '<!subteam^S0ONCALL>',
        '<https://evil.example|Approve>',
        '<!date^0^{date}|x>',
        '&lt;',
        '&amp;',
        '&',
        '<',
        '>',
        '|',
        '```',
        '`',
        '*bold*',
        '_it_',
        '~no~',
        '\n✓ approved by',
        '\r',
        '\u0000',
        '\u202Egnp.exe',
        '\u2066x\u2069',
        '\u200B',
        '\uFEFF',
        '\uD83D',
        '👩‍👩‍👧‍👧',
        ':tada:',
        'שלום',
        'مرحبا',
        'worker-03',
        ' ',
      ),
      { maxLength: 12 },
    )
    .map((parts) => parts.join('')),
  fc.constant('<!channel>'.repeat(1000)),
  fc.constant('🦀'.repeat(5000)),
);
