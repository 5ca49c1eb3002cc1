import { newRebootObject, readReboot, storedStatusOf } from '../../../src/k8s/records/reboot-object.ts';
import type { Reboot } from '../../../src/reboot/state/reboot.ts';
import { at } from '../../fakes/builders.ts';

type Content = Omit<Reboot, 'version' | 'createdAt'>;

/** As the API server stores it: JSON, with the metadata that it adds. */
export function storedObject(reboot: Content): { status: Record<string, unknown> } {
  const object = JSON.parse(JSON.stringify(newRebootObject(reboot))) as { metadata: object };
  const metadata = { ...object.metadata, uid: 'uid-1', resourceVersion: '7', creationTimestamp: at(0) };
  return JSON.parse(JSON.stringify({ ...object, metadata, status: storedStatusOf(reboot) })) as never;
}

/** What the record says, without what the API server adds. */
export function readBack(object: unknown): Content {
  const read = readReboot(object);
  if (!read.ok) throw new Error(read.problem);
  const { version: _version, createdAt: _createdAt, uid: _uid, ...content } = read.reboot;
  return content;
}
