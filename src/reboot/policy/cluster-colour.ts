/** The colours by which people tell clusters apart: those of which Slack has a square. */
export const clusterColours = [
  'red',
  'orange',
  'yellow',
  'green',
  'blue',
  'purple',
  'brown',
  'black',
  'white',
] as const;
export type ClusterColour = (typeof clusterColours)[number];
