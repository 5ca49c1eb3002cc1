/** "Acknowledge within three seconds": after that Slack shows the person a failure. */
export const ackDeadline = 3000;
