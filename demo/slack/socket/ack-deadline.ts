/** "Acknowledge within three seconds": after that Slack tells the person that it failed. */
export const ackDeadline = 3000;
