/** The name of a cluster, as messages show it. */
import type { ClusterColour } from '../../reboot/policy/cluster-colour.ts';
import { say, type Mrkdwn } from '../blocks/escape.ts';

const squares: Readonly<Record<ClusterColour, string>> = {
  red: '🟥',
  orange: '🟧',
  yellow: '🟨',
  green: '🟩',
  blue: '🟦',
  purple: '🟪',
  brown: '🟫',
  black: '⬛',
  white: '⬜',
};

interface Labelled {
  readonly cluster: string;
  readonly colour?: ClusterColour;
}

export const clusterLabel = ({ cluster, colour }: Labelled): string =>
  colour === undefined ? cluster : `${squares[colour]} ${cluster}`;

/** On messages of a cluster that has been removed from the configuration. */
export const noLongerServed = ({ cluster }: Pick<Labelled, 'cluster'>): Mrkdwn =>
  say`Tugboot does not serve cluster ${cluster} any more: nothing is decided or done here. What was under way stays as it is; \`kubectl get reboots\` shows it.`;
