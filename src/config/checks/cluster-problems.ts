import { ownSettings } from '../schema/schema.ts';
import { problemsBetweenCalendars, problemsBetweenPools } from './pool-problems.ts';
import { found, type Problem } from './problems.ts';

type Input = Readonly<Record<string, unknown>>;

const isInput = (value: unknown): value is Input =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Checks across the settings of each cluster, and across clusters, which a schema cannot express. They read
 * the input as it was written.
 */
export function problemsBetweenClusters(input: unknown): readonly Problem[] {
  const clusters = isInput(input) ? input['clusters'] : undefined;
  if (!isInput(input) || !Array.isArray(clusters)) return withinOne(input);
  const problems = [
    ...('cluster' in input ? [nameBesideList] : []),
    ...clusters.flatMap((cluster: unknown, index): readonly Problem[] => {
      if (!isInput(cluster)) return [];
      const own = Object.fromEntries(Object.entries(cluster).filter(([name]) => ownSettings.has(name)));
      const place = writtenAt(index, new Set(Object.keys(own)));
      return [...withinOne({ ...input, ...own }).map(place), ...accessProblems(cluster, index, clusters)];
    }),
  ];
  // A setting of the file is wrong once, however many clusters take it.
  return [...new Map(problems.map((problem) => [`${problem.path}\n${problem.message}`, problem])).values()];
}

const withinOne = (input: unknown): readonly Problem[] => [
  ...problemsBetweenPools(input),
  ...problemsBetweenCalendars(input),
];

/** The problem of a setting, at the place where it is written: in the cluster, or else in the file. */
export const writtenAt =
  (index: number, own: ReadonlySet<string>) =>
  ({ path, message }: Problem): Problem => ({
    path: own.has(/^\w*/.exec(path)?.[0] ?? '') ? `clusters[${index}].${path}` : path,
    message,
  });

const nameBesideList: Problem = {
  path: 'cluster',
  message:
    'It stands beside `clusters`, where each cluster has its `name`. Leave `cluster` out, or `clusters`.',
};

/** How a cluster is reached: by a kubeconfig, by an address and a token, or as the one of this pod. */
function accessProblems(cluster: Input, index: number, all: readonly unknown[]): readonly Problem[] {
  const { name, kubeconfig, context, server, tokenFile, caFile } = cluster;
  const earlier = all.slice(0, index).filter(isInput);
  const said: Record<string, string | undefined> = {
    name:
      typeof name === 'string' && earlier.some((other) => other['name'] === name)
        ? `${found(name)} Another cluster has this name already. Give each its own.`
        : undefined,
    server: server === undefined ? undefined : besideServer(kubeconfig, context, tokenFile),
    tokenFile:
      tokenFile !== undefined && server === undefined
        ? `${found('a file')} It goes with \`server\`, the address of the API server. Name that, or leave \`tokenFile\` out.`
        : undefined,
    caFile:
      caFile !== undefined && server === undefined
        ? `${found(caFile)} It goes with \`server\`, the address of the API server. Name that, or leave \`caFile\` out.`
        : undefined,
  };
  const twin = earlier.find((other) => accessKeys.every((key) => other[key] === cluster[key]));
  const problems = Object.entries(said).flatMap(([setting, message]) =>
    message === undefined ? [] : [{ path: `clusters[${index}].${setting}`, message }],
  );
  return twin === undefined ? problems : [...problems, twinProblem(cluster, index, twin)];
}

function besideServer(kubeconfig: unknown, context: unknown, tokenFile: unknown): string | undefined {
  if (kubeconfig !== undefined || context !== undefined)
    return 'It stands beside a kubeconfig or a context. A cluster is reached by one of them: leave the other out.';
  return tokenFile === undefined
    ? 'There is no `tokenFile` beside it. Name the file with the token of the service account.'
    : undefined;
}

const accessKeys = ['kubeconfig', 'context', 'server'] as const;

function twinProblem(cluster: Input, index: number, twin: Input): Problem {
  const other = typeof twin['name'] === 'string' ? twin['name'] : 'another one';
  const path = `clusters[${index}]`;
  const isHere = accessKeys.every((key) => cluster[key] === undefined);
  return isHere
    ? {
        path,
        message: `It names neither a kubeconfig, a context nor a server, and so is the cluster that Tugboot runs in, as ${other} is. Name one.`,
      }
    : {
        path,
        message: `It is reached as ${other} is, and so is the same cluster. Name another kubeconfig, context or server, or leave it out.`,
      };
}
