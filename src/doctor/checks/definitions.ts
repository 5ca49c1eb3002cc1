import type { KubeClient } from '../../k8s/api/client.ts';
import { paths } from '../../k8s/api/paths.ts';
import { servedFields, storedFields } from '../definition-fields.ts';
import { error, type Finding, ok } from '../finding.ts';

interface Deps {
  readonly client: Pick<KubeClient, 'send'>;
}

const apply =
  'Upgrade the release, which brings them. With crds.enabled off: kubectl apply --server-side -f charts/tugboot/files/crds.';

/** Whether the API server serves our kinds, and stores every field of them that this version writes. */
export async function definitions(deps: Deps): Promise<readonly Finding[]> {
  const kinds = { reboots: paths.reboots, nodeagents: paths.agents };
  const findings: Finding[] = [];
  for (const [kind, path] of Object.entries(kinds)) {
    const answer = await deps.client.send({ method: 'GET', path, query: { limit: 1 } });
    if (answer.ok) continue;
    findings.push(
      answer.status.code === 404
        ? error(`The API server does not serve ${kind}.tugboot.dev.`, apply)
        : error(`Reading ${kind} is answered with ${answer.status.code}.`, 'Look at the rights of the bot.'),
    );
  }
  return findings.length > 0 ? findings : fields(deps);
}

/** At most so many names in one sentence. */
const named = 5;

/** A field that the definition lacks is dropped by the API server without a word. */
async function fields({ client }: Deps): Promise<readonly Finding[]> {
  const answer = await client.send({ method: 'GET', path: '/openapi/v3/apis/tugboot.dev/v1alpha1' });
  const served = answer.ok ? servedFields(answer.body) : undefined;
  if (served === undefined)
    return [ok('The custom resource definitions are there. Their fields could not be compared.')];
  const has = new Set(served);
  const missing = storedFields().filter((path) => !has.has(path));
  if (missing.length === 0) return [ok('The custom resource definitions are of this version.')];
  const more = missing.length > named ? ` and ${missing.length - named} more` : '';
  return [
    error(
      `The definition of Reboots is of another version: it drops ${missing.slice(0, named).join(', ')}${more}.`,
      apply,
    ),
  ];
}
