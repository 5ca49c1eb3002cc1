import { findGround, type GroundOptions, type OwnGround } from '../../cluster/harness/ground.ts';
import { findPrograms } from './find-programs.ts';
import { buildMachineImage, type MachineImage } from './machine-image.ts';

/** What the tests of this run stand on: a control plane that we start, QEMU, and the disk of a machine. */
export type VmGround =
  | { readonly kind: 'vm'; readonly cluster: OwnGround; readonly image: MachineImage; readonly qemu: string }
  | { readonly kind: 'none'; readonly why: string };

export async function findVmGround({ env, tell }: GroundOptions): Promise<VmGround> {
  const none = (why: string): VmGround => ({ kind: 'none', why });
  const cluster = await findGround({ env, tell });
  if (cluster.kind === 'none') return none(cluster.why);
  if (cluster.kind === 'given') return none('they make nodes, and TUGBOOT_TEST_KUBECONFIG names a cluster');
  const qemu = await findPrograms(env, { 'qemu-system-x86_64': 'qemu-system-x86' });
  if (!qemu.ok) return none(qemu.why);
  const image = await buildMachineImage({ env, tell });
  if (!image.ok) return none(image.why);
  return { kind: 'vm', cluster, image: image.image, qemu: qemu.paths['qemu-system-x86_64'] };
}
