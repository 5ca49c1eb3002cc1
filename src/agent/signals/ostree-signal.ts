import { timestampOf } from '../host/timestamp.ts';
import { locate } from '../host/host-files.ts';
import { type HostSignal, no, unknown, yes } from './host-signal.ts';

/** Written at boot on every host deployed by ostree. */
export const ostreeBooted = 'run/ostree-booted';
const ostreeStaged = 'run/ostree/staged-deployment';

/** Does not apply to a host that was not booted by ostree. */
export const ostreeOfHost: HostSignal = {
  files: () => [ostreeStaged],
  async read({ root }) {
    const host = await locate(root, ostreeBooted);
    if (host.kind === 'absent') return undefined;
    const staged = await locate(root, ostreeStaged);
    if (staged.kind === 'absent') return no;
    if (staged.kind === 'found') return yes('A deployment is staged', timestampOf(staged.stats.mtimeMs));
    const why = staged.kind === 'unreadable' ? staged.code : 'the link leads nowhere';
    return unknown(`${ostreeStaged} cannot be looked at (${why})`);
  },
};
