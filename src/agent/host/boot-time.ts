import type { NodeReport } from '../../reboot/nodes/node-report.ts';
import { codeOf, readBounded } from './host-files.ts';
import type { Remark } from '../packages/host-packages.ts';
import { timestampOf } from './timestamp.ts';

export interface BootTime {
  of(bootId: string, remarks: Remark[]): Promise<Pick<NodeReport, 'bootedAt'>>;
}

/**
 * The line `intr`, before `btime`, grows with the number of interrupts: half a megabyte on the largest
 * machines.
 */
const longest = 4 * 1024 * 1024;

/**
 * Start of the boot as the kernel reports it (proc_stat(5), btime). The value shifts when the clock is set,
 * and a report that differs by a second would be written again: the first value read in a boot is kept.
 */
export function createBootTime(statFile: string): BootTime {
  let known: { readonly bootId: string; readonly bootedAt: string } | undefined;
  return {
    async of(bootId, remarks) {
      if (known?.bootId === bootId) return { bootedAt: known.bootedAt };
      const found = await readBootTime(statFile);
      if ('bootedAt' in found) {
        known = { bootId, ...found };
        return found;
      }
      const fields = { file: statFile, why: found.why };
      remarks.push({ topic: 'boot time', message: 'the time of the boot is not known', fields });
      return {};
    },
  };
}

async function readBootTime(
  statFile: string,
): Promise<{ readonly bootedAt: string } | { readonly why: string }> {
  try {
    const content = await readBounded(statFile, longest);
    const text = content.kind === 'content' ? content.bytes.toString('latin1') : '';
    const seconds = /^btime (\d{1,12})$/m.exec(text)?.[1];
    const bootedAt = seconds === undefined ? undefined : timestampOf(Number(seconds) * 1000);
    return bootedAt === undefined ? { why: 'it holds no btime' } : { bootedAt };
  } catch (error) {
    return { why: codeOf(error) };
  }
}
