import { describe, expect, it } from 'vitest';
import { decodeList, encodeList } from '../../../src/bot/payload/list-value.ts';
import { splitTarget } from '../../../src/bot/command/split-target.ts';
import { actOn, decidedWords, doneOn } from '../../../src/bot/views/digest/many-words.ts';
import { listAnswer } from '../../../src/bot/views/answers/list-answer.ts';
import type { ManyRequest } from '../../../src/reboot/pool-digest/many-request.ts';
import { noon } from '../../fakes/builders.ts';
import { checkBlocks } from '../../../demo/slack/validate/surfaces.ts';
import { aList } from '../fixtures/lists.ts';

describe('the list that a typed decision shows', () => {
  it('says on which nodes and why, on which not, and what the button does', async () => {
    const view = listAnswer(aList);
    expect(checkBlocks(JSON.parse(JSON.stringify(view.blocks)), 'message')).toEqual([]);
    await expect(`${JSON.stringify(view, null, 2)}\n`).toMatchFileSnapshot(
      '../__screens__/list-approve.json',
    );
  });

  it('asks once: its button needs no confirmation', () => {
    expect(JSON.stringify(listAnswer(aList))).not.toContain('confirm');
  });

  it('says until when a snooze would last', () => {
    const request = { kind: 'snooze', until: noon } as const;
    expect(listAnswer({ ...aList, request }).text).toMatch(/Snooze 12 nodes until/);
  });
});

describe('the words of a decision for many', () => {
  const requests: readonly ManyRequest[] = [
    { kind: 'approve', mode: 'window', atMost: 2 },
    { kind: 'snooze', until: noon },
    { kind: 'deny', reason: 'release' },
    { kind: 'ask-again' },
    { kind: 'cancel' },
    { kind: 'retry' },
    { kind: 'skip' },
    { kind: 'force', reason: 'nobody needs it' },
  ];

  it.each(requests)('tell $kind from the others, before it and after it', (request) => {
    const others = requests.filter(({ kind }) => kind !== request.kind);
    for (const other of others) {
      expect(actOn(request, 2)).not.toBe(actOn(other, 2));
      expect(doneOn(request, '2 nodes')).not.toEqual(doneOn(other, '2 nodes'));
      expect(decidedWords(request)).not.toEqual(decidedWords(other));
    }
  });
});

describe('the value of the button', () => {
  it('reads back, and names what is wrong', () => {
    const value = { cluster: 'prod-eu', list: 'abc' };
    expect(decodeList(encodeList(value))).toEqual({ ok: true, value });
    expect(decodeList('')).toEqual({ ok: false, field: 'v' });
    expect(decodeList('{"v":1,"list":"abc"}')).toEqual({ ok: false, field: 'cluster' });
    expect(decodeList(JSON.stringify({ v: 1, cluster: 'c', list: 'x'.repeat(65) }))).toEqual({
      ok: false,
      field: 'list',
    });
  });
});

describe('what is typed before the other words', () => {
  it.each([
    ['worker-03 release day', 'worker-03', ['release', 'day']],
    ['workers window', 'workers', ['window']],
    ['zone=a,!canary 4h', 'zone=a,!canary', ['4h']],
    ['zone in (a, b), tier!=db window', 'zone in (a, b), tier!=db', ['window']],
    ['zone notin (a) release in (late) summer', 'zone notin (a)', ['release', 'in', '(late)', 'summer']],
    [')odd text', ')odd', ['text']],
  ])('%s', (text, target, rest) => {
    expect(splitTarget(text.split(' '))).toEqual({ target, rest });
  });

  it('may be missing', () => {
    expect(splitTarget([])).toBeUndefined();
  });
});
