import { nodeContract } from '../../../src/reboot/nodes/node-contract.ts';
import { type JsonObject, objectAt } from '../json.ts';
import { deniedByPolicy } from '../status-error.ts';
import { type ResourceType } from '../types/resource-type.ts';

const { requested, requestedBy } = nodeContract;

/**
 * The ValidatingAdmissionPolicy of the chart (templates/admission/requests.yaml): the name written beside a
 * request must be the user's own. Only a write that changes one of the two is checked.
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
