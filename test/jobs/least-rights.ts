/** What docs/operations.md says that a user of the bot needs, for the prefix of these tests. */
export const leastRights = ['on', '>of-least-rights', '~{test}*', '-@all'].concat([
  '+@connection',
  '+@read',
  '+@write',
  '+@scripting',
  '-@dangerous',
  '+info',
]);

/** On each node of a Redis Cluster. */
export const leastRightsInCluster = [...leastRights, '+cluster|slots', '+cluster|info'];

/** Of the Sentinels. */
export const leastRightsOfSentinels = ['on', '>of-the-sentinels', '-@all'].concat([
  '+@connection',
  '+sentinel|get-master-addr-by-name',
  '+sentinel|sentinels',
  '+subscribe',
  '&+switch-master',
]);
