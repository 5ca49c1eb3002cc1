/** A cluster of `clusters`: its access, what people see of it, and which settings of the file it replaces. */
import { z } from 'zod';
import { clusterColours } from '../../reboot/policy/cluster-colour.ts';

const path = (what: string) =>
  z
    .string({ error: `${what} is a path, such as /etc/tugboot/clusters/prod-us/token.` })
    .regex(/^\/[^\p{Cc}]+$/u, {
      error: `${what} is an absolute path, such as /etc/tugboot/clusters/prod-us/token.`,
    });

const serverIs = 'The address of an API server looks like https://10.0.0.1:6443.';

export const clusterName = z
  .string({ error: 'The cluster needs a name.' })
  .regex(/^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/, {
    error: 'Cluster names are lower-case letters, digits and dashes, at most 40.',
  });

const colourIs = `Write ${clusterColours.slice(0, -1).join(', ')} or ${clusterColours.at(-1)}.`;

const access = {
  name: clusterName.describe(
    'The cluster’s name, as people know it. It is part of what is stored: a changed name is another cluster.',
  ),
  colour: z
    .enum(clusterColours, { error: colourIs })
    .optional()
    .describe('A square of this colour stands before the name on cards, digests and answers.'),
  kubeconfig: path('A kubeconfig')
    .optional()
    .describe('Kubeconfig file by which the cluster is reached; KUBECONFIG where absent.'),
  context: z
    .string({ error: 'A context is the name of one in the kubeconfig.' })
    .regex(/^[^\p{Cc}]{1,253}$/u, { error: 'A context is the name of one in the kubeconfig, at most 253 long.' })
    .optional()
    .describe('Context of the kubeconfig; its current one where absent.'),
  server: z
    .string({ error: serverIs })
    .regex(/^https:\/\/[^\s\p{Cc}@]+$/u, { error: serverIs })
    .refine((text) => URL.canParse(text), { error: serverIs })
    .optional()
    .describe('Address of the API server, in place of a kubeconfig; goes with `tokenFile`.'),
  tokenFile: path('The file of a token')
    .optional()
    .describe('File with the token of the service account, from a mounted Secret. Read again when it changes.'),
  caFile: path('The file of a CA')
    .optional()
    .describe(
      'File with the certificate authority of the API server (PEM), from a mounted Secret; the system’s authorities where absent. Read again when it changes.',
    ),
  namespace: z
    .string({ error: 'A namespace is lower-case letters, digits and dashes.' })
    .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, {
      error: 'A namespace is lower-case letters, digits and dashes, at most 63.',
    })
    .optional()
    .describe('Namespace of Tugboot in that cluster, with the ledger of turns; POD_NAMESPACE where absent.'),
};

/** Without its default: what is absent in a cluster is taken from the file. */
function withoutDefault(schema: z.ZodType): z.ZodType {
  const hasInner =
    schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional;
  return hasInner ? withoutDefault(schema.unwrap() as z.ZodType) : schema;
}

/** `shared`: settings of the file that a cluster may have of its own. */
export function clustersSchema<Shared extends z.ZodRawShape>(shared: Shared) {
  type Own = Partial<z.output<z.ZodObject<Shared>>>;
  const own = Object.fromEntries(
    Object.entries(shared).map(([name, schema]) => [
      name,
      withoutDefault(schema as z.ZodType)
        .optional()
        .meta({ [sharedMark]: name }),
    ]),
  );
  const entry = z.strictObject(
    { ...access, ...own },
    { error: 'A cluster is written as `name:`, how it is reached, and its settings.' },
  ) as unknown as z.ZodType<z.output<z.ZodObject<typeof access>> & Own>;
  return z
    .array(entry, { error: 'Clusters are a list.' })
    .min(1, { error: 'Name at least one cluster, or leave `clusters` out: then Tugboot serves one.' })
    .max(50, { error: 'Write at most 50 clusters.' });
}

/** In the JSON Schema of a setting of a cluster: the setting of the file that it replaces. */
export const sharedMark = 'replaces';
