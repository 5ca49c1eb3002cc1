/** What a person reads when something that Tugboot depends on did not answer. */
import type { PortErrorCode } from '../reboot/port-error.ts';

const sentences: Readonly<Record<PortErrorCode, string>> = {
  'cluster-unreachable': 'The cluster cannot be reached. Nothing was stored. Try again in a minute.',
  'cluster-refused':
    'The cluster refused it: Tugboot lacks a right there. Nothing was stored. Its log names the right.',
  'cluster-invalid':
    'The cluster answered something that Tugboot cannot read. Nothing was stored. Its log has the details.',
  'chat-unreachable':
    'Slack did not answer when Tugboot asked who you are or what to show. Nothing was stored. Try again in a minute.',
  'chat-refused':
    'Slack refused what Tugboot asked of it. Nothing was stored. Its log names the missing right.',
  'chat-unknown-person':
    'Slack says that it does not know you, so Tugboot cannot tell what you may do. Nothing was stored. If your account is new, try again in a minute; if it is of another organisation, ask somebody here.',
  'queue-unreachable':
    'The work queue cannot be reached. What was decided is kept in the cluster and goes on when the queue is back.',
  conflict: 'Somebody changed it at the same moment. Look at the card and try again if it is still right.',
};

export const sentenceFor = (code: PortErrorCode): string => sentences[code];
