/** Sentences for people about a failed dependency: one for each error code, with what to do. */
import type { PortError, PortErrorCode } from './port-error.ts';

const sentences: Readonly<Record<PortErrorCode, string>> = {
  'cluster-unreachable': 'The cluster cannot be reached. Try again in a minute.',
  'cluster-refused':
    'The cluster refused it: Tugboot lacks a right there, or the API server is busy. Its log says which.',
  'cluster-invalid':
    'The cluster does not take what Tugboot asks of it, or answers what Tugboot cannot read. Its log has the details.',
  'reboot-unreadable': 'The record of this reboot cannot be read. The log of Tugboot names the field.',
  'ledger-unreadable': 'The ledger of turns cannot be read. The log of Tugboot names the key.',
  'definition-missing':
    'The API server does not serve the kinds of Tugboot. Apply charts/tugboot/files/crds.',
  'chat-unreachable':
    'Slack did not answer when Tugboot asked who you are or what to show. Try again in a minute.',
  'chat-refused': 'Slack refused what Tugboot asked of it. Its log names the missing right.',
  'chat-unknown-person':
    'Slack says that it does not know you, so Tugboot cannot tell what you may do. Nothing was stored. If your account is new, try again in a minute; if it is of another organisation, ask somebody here.',
  'queue-unreachable':
    'The work queue cannot be reached. What was decided is kept in the cluster and goes on when the queue is back.',
  conflict:
    'Others changed it at the same moment. Look at what it says now, and try again if it is still right.',
};

/** Codes whose own messages are written for people and say what to repair. */
const ownMessages: ReadonlySet<PortErrorCode> = new Set([
  'reboot-unreadable',
  'ledger-unreadable',
  'definition-missing',
] as const);

export const sentenceFor = ({ code, message }: Pick<PortError, 'code' | 'message'>): string =>
  ownMessages.has(code) ? message : sentences[code];
