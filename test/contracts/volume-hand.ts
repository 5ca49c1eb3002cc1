import type { KubeRequest } from '../../src/k8s/api/client.ts';

export interface VolumeOptions {
  readonly volume: string;
  /** `namespace/name` of the claim that it is bound to. */
  readonly claim: string;
  readonly mode?: 'ReadWriteOnce' | 'ReadWriteMany';
}

/** The storage controllers: attaches volumes to nodes and detaches them. */
export interface VolumeHand {
  attach(node: string, wish: VolumeOptions): Promise<void>;
  detach(node: string, volume: string): Promise<void>;
  /** Removes everything that is left. */
  clear(): Promise<void>;
}

const attachments = '/apis/storage.k8s.io/v1/volumeattachments';
const persistentVolumes = '/api/v1/persistentvolumes';

export function volumeHand(ask: (request: KubeRequest) => Promise<unknown>): VolumeHand {
  const made = new Map<string, () => Promise<void>>();
  const remove = async (path: string): Promise<void> => {
    await ask({ method: 'DELETE', path });
    made.delete(path);
  };
  return {
    async attach(node, { volume, claim, mode = 'ReadWriteOnce' }) {
      const [namespace, name] = claim.split('/');
      const body = {
        apiVersion: 'v1',
        kind: 'PersistentVolume',
        metadata: { name: volume },
        spec: {
          capacity: { storage: '1Gi' },
          accessModes: [mode],
          persistentVolumeReclaimPolicy: 'Retain',
          csi: { driver: 'disk.example', volumeHandle: volume },
          claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name },
        },
      };
      await ask({ method: 'POST', path: persistentVolumes, body });
      const path = `${persistentVolumes}/${volume}`;
      made.set(path, async () => {
        // The controller that would remove its finalizers does not run.
        const free = { metadata: { finalizers: null } };
        await ask({ method: 'PATCH', path, patch: 'merge', body: free });
        await remove(path);
      });
      const attachment = `${volume}-on-${node}`;
      const spec = { attacher: 'disk.example', nodeName: node, source: { persistentVolumeName: volume } };
      const metadata = { name: attachment };
      const object = { apiVersion: 'storage.k8s.io/v1', kind: 'VolumeAttachment', metadata, spec };
      await ask({ method: 'POST', path: attachments, body: object });
      made.set(`${attachments}/${attachment}`, () => remove(`${attachments}/${attachment}`));
    },
    detach: (node, volume) => remove(`${attachments}/${volume}-on-${node}`),
    async clear() {
      for (const undo of [...made.values()].toReversed()) await undo();
    },
  };
}
