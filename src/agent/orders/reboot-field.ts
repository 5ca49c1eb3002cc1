import { createHash } from 'node:crypto';
import { rebootName } from '../../reboot/nodes/reboot-name.ts';
import type { NodeAgent } from '../api/node-agent.ts';

/** The name of the Reboot that ends this boot, for log lines; none while the Node's UID is unknown. */
export const rebootField = (
  object: Pick<NodeAgent, 'node'> | undefined,
  bootId: string,
): { readonly reboot?: string } =>
  object?.node === undefined ? {} : { reboot: rebootName(object.node, bootId, sha256) };

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
