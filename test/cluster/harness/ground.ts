import { installTools } from '../../tools/install.ts';
import { buildControlPlane } from './build-control-plane.ts';
import { findEtcd } from './find-etcd.ts';

/** The cluster of this run: a control plane of our own, a given cluster, or none. */
export type Ground = OwnGround | GivenGround | { readonly kind: 'none'; readonly why: string };

export interface OwnGround {
  readonly kind: 'own';
  readonly program: string;
  readonly etcd: string;
  readonly helm: string;
  readonly helm3: string;
  readonly kubectl: string;
}

export interface GivenGround {
  readonly kind: 'given';
  readonly kubeconfig: string;
  readonly helm: string;
  readonly helm3: string;
  readonly kubectl: string;
}

export interface GroundOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly tell: (line: string) => void;
}

export async function findGround({ env, tell }: GroundOptions): Promise<Ground> {
  const tools = await installTools();
  if (!tools.ok) return { kind: 'none', why: tools.why };
  const kubeconfig = env['TUGBOOT_TEST_KUBECONFIG'];
  if (kubeconfig) return { kind: 'given', kubeconfig, ...tools.tools };
  const [built, etcd] = await Promise.all([buildControlPlane({ env, tell }), findEtcd(env)]);
  if (!built.ok) return { kind: 'none', why: built.why };
  if (!etcd.ok) return { kind: 'none', why: etcd.why };
  if (built.ms > 0) tell(`the control plane was built in ${Math.round(built.ms / 1000)} s`);
  return { kind: 'own', program: built.program, etcd: etcd.program, ...tools.tools };
}
