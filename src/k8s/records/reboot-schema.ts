/** The schema of a Reboot object. The custom resource definition is generated from it. */
import { z } from 'zod';
import { flag, text, timestamp } from '../../reboot/schema/field.ts';
import { need } from '../../reboot/state/need.ts';
import { commonRecord, nodeFacts } from '../../reboot/state/reboot.ts';
import { conditionsSchema } from './conditions.ts';
import { appendOnly, immutable, validations } from '../../reboot/schema/record-rules.ts';

const nonEmpty = z.string().min(1);
/** The longest name of an object in Kubernetes. Names go into the values of buttons, which are short. */
const objectName = nonEmpty.max(253);

export const metadataSchema = z.object({
  name: objectName,
  uid: nonEmpty,
  resourceVersion: nonEmpty,
  creationTimestamp: timestamp,
});

/** The fields that are set at creation. `asked` makes a Reboot without status readable as Pending. */
export const specSchema = z
  .object({
    node: objectName.meta({ description: 'Name of the node.', ...validations(immutable) }),
    nodeUID: z.string().meta({
      description: 'UID of the Node object. Another machine of the same name has another one.',
      maxLength: 64,
      ...validations(immutable),
    }),
    bootID: nonEmpty.meta({
      description: 'The boot to end, as in status.nodeInfo.bootID of the Node.',
      maxLength: 64,
      ...validations(immutable),
    }),
    pool: z.string().max(253).meta({ description: 'The pool of the configuration at creation.' }),
    asked: z
      .object({
        need,
        facts: nodeFacts,
        deleted: flag(
          'It was created in place of a deleted Reboot of the same name, whose node is restored.',
        ).exactOptional(),
      })
      .meta({
        description: 'What was known at creation. A Reboot without a status is read as Pending with this.',
      })
      .exactOptional(),
  })
  .meta({ description: 'Which boot of which machine, and what requires its end. It never changes.' });

/** The part of the status that all phases share. */
export const commonSchema = commonRecord.extend({
  history: commonRecord.shape.history.meta(validations(appendOnly)),
  pool: text('The pool whose policy applies now. It follows its node until the start.', 253).exactOptional(),
});

/** Derived from the rest for readers of kubectl, and never read back. */
export const derivedSchema = z.object({
  summary: text('On one short line: what it waits for, its progress, or its failure.', 100).exactOptional(),
  wants: text('The packages that require the reboot, on one line.', 300).exactOptional(),
  askedBy: text('The signals that require the reboot.').exactOptional(),
  decidedBy: text('Who decided last.').exactOptional(),
  conditions: conditionsSchema.exactOptional(),
});
