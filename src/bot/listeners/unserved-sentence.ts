/** `isShared`: another program may use the Slack app. */
export const unservedCluster = (cluster: string, served: readonly string[], isShared: boolean): string => {
  const serves = served.length === 0 ? 'none' : served.join(', ');
  const why = isShared
    ? 'Another program uses the same Slack app and gets a share of its clicks: click again, and give each its own app.'
    : 'If it is served elsewhere, that Tugboot needs a Slack app of its own.';
  return `Cluster ${cluster} is not in the configuration of this Tugboot, which serves ${serves}. Nothing was done. ${why}`;
};
