/** What is declared of the ledger, of pauses and of pool digests is what is written and read back. */
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { ledgerText } from '../../../src/k8s/records/ledger-store.ts';
import { pausesOf } from '../../../src/k8s/records/pauses-store.ts';
import { digestDecisionFields, digestFields } from '../../../src/reboot/pool-digest/pool-digest.ts';
import { readDigest, writeDigest } from '../../../src/reboot/pool-digest/stored-digest.ts';
import { ledgerRecord } from '../../../src/reboot/scheduling/snapshot/ledger.ts';
import { pauseRecord } from '../../../src/reboot/scheduling/snapshot/pauses.ts';
import { arbitraryOf } from '../../fakes/arbitrary-of.ts';
import { runsOf } from '../../property-runs.ts';

const options = { numRuns: runsOf(60) };

it('a ledger is read as it was written, whatever turns it holds', () => {
  const ledger = arbitraryOf(ledgerRecord).filter(({ turns }) => turns.every(({ reboot }) => reboot !== ''));
  fc.assert(
    fc.property(ledger, (state) => {
      expect(ledgerRecord.parse(JSON.parse(ledgerText(state)))).toEqual(state);
    }),
    options,
  );
});

it('a pause is read as it was written, with all that is declared', () => {
  fc.assert(
    fc.property(arbitraryOf(pauseRecord), (pause) => {
      const data = { 'pool.workers': JSON.stringify(pause) };
      expect(pausesOf({ data })).toEqual([{ scope: { kind: 'pool', pool: 'workers' }, ...pause }]);
    }),
    options,
  );
});

it('a pool digest is read as it was written, with its decisions and the chosen entries', () => {
  const digests = fc.record({
    digest: arbitraryOf(z.object(digestFields)),
    decisions: fc.array(arbitraryOf(z.object(digestDecisionFields)), { maxLength: 3 }),
    entries: fc.uniqueArray(fc.string(), { maxLength: 5 }),
  });
  fc.assert(
    fc.property(digests, ({ digest, decisions, entries }) => {
      const whole = {
        ...digest,
        entries: entries.map((reboot, from) => ({ reboot, digest: `d${from % 2}`, from })),
        decisions: decisions.map((decision) => ({ ...decision, only: entries.slice(0, 2) })),
      };
      expect(readDigest(writeDigest(whole))).toEqual(whole);
    }),
    options,
  );
});
