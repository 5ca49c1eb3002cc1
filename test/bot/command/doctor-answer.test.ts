import { describe, expect, it } from 'vitest';
import type { Examined } from '../../../src/reboot/ports/examination.ts';
import { aPolicy } from '../../fakes/builders.ts';
import { openCommandHarness } from './command-harness.ts';

const good: Examined = { check: 'api', findings: [{ level: 'ok', says: 'The API server answers.' }] };
const bad: Examined = {
  check: 'queue',
  findings: [
    { level: 'warning', says: 'Redis has <!channel> as its policy.', fix: 'Set it to noeviction.' },
    { level: 'error', says: 'This Redis is a replica.', fix: 'Point REDIS_URL at the primary.' },
  ],
};

describe('/reboot doctor', () => {
  it('says that nothing is to be mended', async () => {
    const said = await openCommandHarness(aPolicy(), [good]).type('doctor');
    expect(said).toContain('Nothing to mend');
    expect(said).not.toContain('API server');
  });

  it('names errors, then warnings, with what to do, and calls nobody', async () => {
    const said = await openCommandHarness(aPolicy(), [good, bad]).type('doctor');
    expect(said).toContain('✕ 1 error, 1 warning');
    expect(said).toMatch(/replica\. → Point REDIS_URL.*noeviction/s);
    expect(said).not.toContain('<!channel>');
  });

  it('is cut where it is long', async () => {
    const many = Array.from({ length: 40 }, () => bad);
    expect(await openCommandHarness(aPolicy(), many).type('doctor')).toContain('and 65 more');
  });
});
