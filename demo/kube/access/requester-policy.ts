import { nodeContract } from '../../../src/reboot/nodes/node-contract.ts';
import { type JsonObject, objectAt } from '../json.ts';
import { deniedByPolicy } from '../status-error.ts';
import { type ResourceType } from '../types/resource-type.ts';

const { requested, requestedBy } = nodeContract;

/**
 * The ValidatingAdmissionPolicy that Tugboot is deployed with (templates/admission/requests.yaml): who writes
 * a name beside a request writes their own. Only the write that changes the one or the other is judged.
 */
export function checkRequester(
  { type, name }: { readonly type: ResourceType; readonly name: string },
  writes: { readonly current: JsonObject | undefined; readonly next: JsonObject },
  user: string,
): void {
  if (type.kind !== 'Node' || type.group !== '') return;
  const [before, after] = [writes.current ?? {}, writes.next].map((node) =>
    objectAt(node, 'metadata', 'annotations'),
  );
  const says = (key: string): boolean => after?.[key] !== undefined && after[key] !== before?.[key];
  if (after?.[requestedBy.key] === undefined) return;
  if (!says(requestedBy.key) && !says(requested.key)) return;
  if (after[requestedBy.key] === user) return;
  const why = `${requestedBy.key} names who asks, and you are ${user}. Write that, or leave it out.`;
  const denied =
    "ValidatingAdmissionPolicy 'tugboot-requests' with binding 'tugboot-requests' denied request";
  throw deniedByPolicy(type, name, `${denied}: ${why}`);
}
