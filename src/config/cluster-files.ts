/** The clusters of a checked file, each with the settings that hold for it. */
import type { ClusterColour } from '../reboot/policy/cluster-colour.ts';
import { writtenAt } from './checks/cluster-problems.ts';
import type { Problem } from './checks/problems.ts';
import { type ConfigFile, ownSettings } from './schema/schema.ts';

/** How the API server is reached. Without any of these: by the environment, or as the pod's own cluster. */
export interface ClusterAccess {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly server?: string;
  readonly tokenFile?: string;
  readonly caFile?: string;
  readonly namespace?: string;
}

export interface ClusterFile {
  /** Its own settings, and those of the file in place of others. `cluster` is its name. */
  readonly settings: ConfigFile;
  readonly access: ClusterAccess;
  readonly colour?: ClusterColour;
  /** Before the names of its own settings: `clusters[1].`; empty where the file has one cluster. */
  readonly path: string;
  /** Where a setting is written. */
  readonly place: (problem: Problem) => Problem;
}

export const clusterFilesOf = (file: ConfigFile): readonly ClusterFile[] =>
  file.clusters === undefined
    ? [{ settings: file, access: {}, path: '', place: (problem) => problem }]
    : file.clusters.map((cluster, index) => clusterFile(file, cluster, index));

function clusterFile(
  { clusters: _clusters, ...file }: ConfigFile,
  { name, colour, ...cluster }: NonNullable<ConfigFile['clusters']>[number],
  index: number,
): ClusterFile {
  const written = Object.entries(cluster).filter(([, value]) => value !== undefined);
  const own = Object.fromEntries(written.filter(([key]) => ownSettings.has(key)));
  return {
    settings: { ...file, ...(own as Partial<ConfigFile>), cluster: name },
    access: Object.fromEntries(written.filter(([key]) => !ownSettings.has(key))),
    ...(colour === undefined ? {} : { colour }),
    path: `clusters[${index}].`,
    place: writtenAt(index, new Set(Object.keys(own))),
  };
}

export const isHome = ({ kubeconfig, context, server }: ClusterAccess): boolean =>
  kubeconfig === undefined && context === undefined && server === undefined;
