/** What the jobs of a Reboot say of themselves, from the approval to the uncordon, and when they fail. */
import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../../src/reboot/loop/outcome.ts';
import type { JobReport, JobResult } from '../../../src/reboot/ports/job-report.ts';
import { schedule } from '../../../src/reboot/service/schedule.ts';
import { minute, second } from '../../../src/reboot/time/time.ts';
import { aPerson, aReport } from '../../fakes/builders.ts';
import { type ServiceHarness, serviceHarness } from '../../fakes/service-harness.ts';

/** A harness that notes the results of its jobs, under the names that they would have in the queue. */
async function noting() {
  const harness = serviceHarness();
  const { name, need } = await harness.sentinel();
  const results: string[] = [];
  const lines: string[] = [];
  const report = { log: (line: string) => void lines.push(line), progress: () => undefined };
  const note = (job: string, result: JobResult): void => {
    if (result.kind === 'done') results.push(`${job}: ${result.did}`);
    if (result.kind === 'failed') results.push(`${job} failed: ${result.why}`);
  };
  const run = async (): Promise<void> => {
    for (let job = harness.waiting.shift(); job !== undefined; job = harness.waiting.shift()) {
      const step = harness.service.stepOf(name) ?? 'reconcile';
      if (job.kind === 'advance') note(step, (await harness.service.reconcile(job.id, report)).result);
      if (job.kind === 'plan') await harness.service.plan();
      if (job.kind === 'start') note('start', (await startWith(harness, job.id, report)).result);
      if (job.kind === 'drain')
        note('drain', await harness.service.drain(job.id, new AbortController().signal, report));
      if (job.kind === 'look') await harness.service.reconcileNode(job.id);
      if (job.kind === 'render') await harness.service.render(job.id);
    }
  };
  return {
    harness,
    results,
    lines,
    approve: async () => {
      await harness.service.decide(name, { kind: 'approve', mode: 'now', digest: need.digest }, aPerson());
      await run();
    },
    pass: async (ms: number) => {
      harness.clock.advance(ms);
      await harness.queue.reconcile(name);
      await run();
    },
  };
}

async function startWith(harness: ServiceHarness, name: string, report: JobReport): Promise<Outcome> {
  const outcome = await harness.service.start(name, report);
  await schedule(harness.queue, name, outcome);
  return outcome;
}

function comesBack(harness: ServiceHarness): void {
  const kernel = '6.8.0-49-generic';
  Object.assign(harness.cluster.node('worker-03'), { bootId: 'boot-2', kernel });
  harness.cluster.agentOf('worker-03').report = aReport({
    required: 'no',
    packages: [],
    bootId: 'boot-2',
    kernel: { running: kernel, newest: kernel },
  });
}

describe('the jobs of a Reboot', () => {
  it('each say in a line what they did, and nothing when they found nothing to do', async () => {
    const { harness, results, lines, approve, pass } = await noting();
    await approve();
    await pass(second);
    comesBack(harness);
    await pass(second);
    await pass(second);
    await pass(60 * second);
    expect(results).toEqual([
      'start: Approved → Draining',
      'cordon: Draining: node cordoned',
      'drain: drained of 14 pods',
      'reboot: Rebooting: node told to reboot',
      'reboot: Rebooting → Settling',
      'verify: Settling: healthy so far',
      'verify: Settling → Succeeded',
      'uncordon: Succeeded: node uncordoned',
    ]);
    expect(lines).toContain('node told to reboot phase=Rebooting end_boot=boot-1');
  });

  it('fail with the sentence that the card shows', async () => {
    const { harness, results, approve, pass } = await noting();
    await approve();
    harness.cluster.node('worker-03').ready = false;
    await pass(11 * minute);
    expect(results.filter((result) => result.includes(' failed: '))).toEqual([
      expect.stringMatching(/^reboot failed: did-not-come-back: /),
    ]);
  });

  it('say that a gate holds an approved Reboot back', async () => {
    const { harness, results, approve } = await noting();
    harness.gatekeeper.blocks.set('worker-03', [
      { code: 'alerts-firing', sentence: 'Alert A fires.', clears: 'It clears.' },
    ]);
    await approve();
    expect(results).toEqual(['start: Approved: start deferred', 'wait: Approved: waits: Alert A fires.']);
  });
});
