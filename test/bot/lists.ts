/** A list that `/reboot approve` shows. */
import type { ListView } from '../../src/reboot/ports/decisions/many-decisions.ts';
import { hour } from '../../src/reboot/time/time.ts';
import { noon } from '../fakes/builders.ts';

export const aList: ListView = {
  id: 'abc',
  cluster: 'prod-eu',
  request: { kind: 'approve', mode: 'now' },
  nodes: 12,
  pools: [
    { pool: 'workers', nodes: 10 },
    { pool: 'db', nodes: 2 },
  ],
  first: ['worker-01', 'worker-02', 'worker-03'],
  packages: [{ name: 'linux-image-6.8.0-49-generic', risk: 'kernel', versions: [], nodes: 12 }],
  morePackages: 1,
  kernels: [{ release: '6.8.0-49-generic', nodes: 12 }],
  not: [
    { sentence: 'is draining.', nodes: 4, first: ['worker-20', 'worker-21', 'worker-22'] },
    { sentence: 'Pool cp is decided by others.', nodes: 1, first: ['cp-1'] },
  ],
  approvalsMissing: 1,
  validUntil: noon + hour,
};
