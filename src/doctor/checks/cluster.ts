/** The API server: reachable, of a version that is tested, with a clock like ours, and rights for the bot. */
import type { KubeClient } from '../../k8s/api/client.ts';
import { textAt } from '../../k8s/api/json-value.ts';
import { ownAccess } from '../../k8s/api/own-access.ts';
import { paths } from '../../k8s/api/paths.ts';
import { type Clock, inWords, minute, second, toInstant } from '../../reboot/time/time.ts';
import { type Check, error, type Finding, ok, warning } from '../finding.ts';
import { type Right, rights } from '../rights.ts';
import { admission } from './admission.ts';
import { definitions } from './definitions.ts';

export interface ClusterCheckDeps {
  readonly client: Pick<KubeClient, 'send'>;
  readonly clock: Clock;
  readonly namespace: string;
}

/** The minor versions that the tests run on. */
const tested = { oldest: 30, newest: 37 };

export const clusterChecks = (deps: ClusterCheckDeps): readonly Check[] => [
  { name: 'api', run: () => apiServer(deps) },
  { name: 'clock', run: () => clockSkew(deps) },
  { name: 'rights', run: () => missingRights(deps) },
  { name: 'definitions', run: () => definitions(deps) },
  { name: 'admission', run: () => admission(deps) },
  { name: 'ledger', run: () => owner(deps) },
];

async function apiServer({ client }: ClusterCheckDeps): Promise<readonly Finding[]> {
  const answer = await client.send({ method: 'GET', path: '/version' });
  if (!answer.ok)
    return [error(`The API server answers ${answer.status.code}.`, 'Look at KUBECONFIG and its context.')];
  const version = textAt(answer.body, 'gitVersion') ?? 'of an unknown version';
  const minor = Number(/^v1\.(\d+)/.exec(version)?.[1]);
  if (minor >= tested.oldest && minor <= tested.newest) return [ok(`The API server answers (${version}).`)];
  return [
    warning(
      `The API server is ${version}; Tugboot is tested on 1.${tested.oldest} to 1.${tested.newest}.`,
      'Rehearse on a cluster that does not matter.',
    ),
  ];
}

/** A dry run: nothing is stored, and the server stamps the answer with its own time, to the second. */
async function clockSkew({ client, clock, namespace }: ClusterCheckDeps): Promise<readonly Finding[]> {
  const before = clock.now();
  const answer = await client.send({
    method: 'POST',
    path: paths.events(namespace),
    query: { dryRun: 'All' },
    body: {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { generateName: 'tugboot-doctor.', namespace },
      involvedObject: { apiVersion: 'v1', kind: 'Namespace', name: namespace, namespace },
      reason: 'Doctor',
      message: 'Whose clock is right?',
      type: 'Normal',
    },
  });
  const stamp = answer.ok ? textAt(answer.body, 'metadata', 'creationTimestamp') : undefined;
  if (stamp === undefined)
    return [warning('The API server does not tell its time.', 'Compare the clocks by hand.')];
  const skew = Math.max(0, before - second - toInstant(stamp), toInstant(stamp) - clock.now());
  if (skew < 5 * second) return [ok('The clocks of the API server and of this machine agree.')];
  const says = `The clock here and that of the API server differ by ${inWords(skew)}.`;
  const fix = 'Let both follow a time server (NTP): windows and deadlines are judged by the clock here.';
  return [skew < minute ? warning(says, fix) : error(says, fix)];
}

async function missingRights(deps: ClusterCheckDeps): Promise<readonly Finding[]> {
  const wishes = rights.flatMap((right) => right.verbs.map((verb) => ({ right, verb })));
  const findings: Finding[] = [];
  for (const { right, verb } of wishes) {
    const answer = await isAllowed(deps, right, verb);
    if (answer === 'yes') continue;
    const what = titleOf(right, verb);
    if (answer === 'unknown')
      return [warning('The API server does not say what the bot may do.', 'Look at its roles by hand.')];
    findings.push(
      error(`The bot may not ${what}: without it ${right.without}.`, 'Apply the roles of the chart.'),
    );
  }
  return findings.length > 0 ? findings : [ok(`The bot has its ${wishes.length} rights.`)];
}

const titleOf = ({ group, resource, subresource, name, own }: Right, verb: string): string => {
  const full = `${resource}${group === '' ? '' : `.${group}`}${subresource === undefined ? '' : `/${subresource}`}`;
  return `${verb} ${full}${name === undefined ? '' : ` ${name}`}${own ? ' in its namespace' : ''}`;
};

const isAllowed = (
  { client, namespace }: ClusterCheckDeps,
  { group, resource, subresource, name, own }: Right,
  verb: string,
): Promise<'yes' | 'no' | 'unknown'> =>
  ownAccess(client, {
    verb,
    group,
    resource,
    ...(subresource === undefined ? {} : { subresource }),
    ...(name === undefined ? {} : { name }),
    ...(own ? { namespace } : {}),
  });

async function owner({ client, namespace }: ClusterCheckDeps): Promise<readonly Finding[]> {
  const answer = await client.send({ method: 'GET', path: paths.configMap(namespace, 'tugboot-turns') });
  if (answer.ok) return [ok(`The ledger of turns is in namespace ${namespace}.`)];
  if (answer.status.code === 404)
    return [
      ok(`There is no ledger of turns in namespace ${namespace} yet: the first start of the bot makes it.`),
    ];
  return [
    error(`Reading the ledger is answered with ${answer.status.code}.`, 'Look at the rights of the bot.'),
  ];
}
