/** Log events of the connection to Slack, of messages and of clicks. */
import type { LogEvents } from './log-event.ts';

export const slackEvents = {
  'slack connected': '`team`.',
  'slack cannot be connected':
    'At the start; `why` names the token or the outage. What the cluster says goes on meanwhile.',
  'slack connection ends': '`lost` or closed, and the `reason` that Slack gives.',
  'slack socket connected again': 'After so many `failures`.',
  'slack socket cannot connect': 'Slack is away, or the app-level token is wrong.',
  'others hold this app-level token':
    'Slack counts more connections on the token than `TUGBOOT_REPLICAS`: another deployment gets a share of the clicks. Give each its own Slack app.',
  'nobody else holds this app-level token any more': 'Every click comes here again.',
  'slack sdk': '`detail`: a warning of the SDK.',
  'channel cannot be used': '`channel`, `why`: the bot is no member, or the channel is archived or gone.',
  'channel can be used now': 'It is again.',
  'channel cannot be looked at': 'Slack did not say; it is asked again.',
  'channel is shared with other organisations':
    '`why` it matters: people of other organisations read the cards.',
  'cannot read who may approve':
    '`group` or `channel` of the approvers cannot be read: its members cannot approve. Does it exist, and is the app in it?',
  'channel has more members than are read':
    'Of `channel`, where everybody may approve, only `members` were read: the others cannot approve. Name approvers instead.',
  'view could not be published':
    'The Home or modal `view` is not shown, or not up to date. `not_enabled`: give the Slack app its manifest anew.',
  'home could not be read': 'The Home of `user` says so. `err` tells what could not be asked.',
  'opened home cannot be read': 'Slack told of an opened Home in a form that is not known.',
  'card was posted before without being recorded, and is taken over': 'A bot died between the two.',
  'card is deleted or cannot be edited any more, and is posted anew': 'Somebody deleted the message.',
  'digest is deleted or cannot be edited any more, and is posted anew': 'The same of a digest.',
  'card follows its node into the channel of another pool': 'The node changed its pool.',
  'old card cannot be edited and does not say where the new one is': 'The new one was posted.',
  'cannot look for an earlier message': 'Posted without that look: `channel`.',
  'buttons of a removed cluster not taken away': '`err`. The next click tries again.',
  'later edit failed': 'The newest state of a card is shown by the next edit.',
  'later edit of a digest failed': 'The same of a digest.',
  'click cannot be read': 'The payload is not as Slack describes it.',
  'modal cannot be read': 'The same of a modal.',
  'button value cannot be read': '`field` of an old or foreign button.',
  'button of a digest cannot be read': 'The same of a digest.',
  'button of a list cannot be read': 'The same of a list that `/reboot` answered with.',
  'decision could not be taken': 'Unexpected: `err`. The person was told.',
  'decision for many could not be taken': 'The same of a digest.',
  'decision on a list could not be taken': 'The same of a list that `/reboot` answered with.',
  'nodes of a digest could not be read': 'The person was told.',
  'details could not be read': 'The person was told.',
  'modal could not be opened': 'Slack refused or was late.',
  'modal could not be updated': 'The same while it was open.',
  'answer could not be shown': 'The private answer to a click was lost; the card shows what is stored.',
  'answer to a command could not be shown': 'The same of a command.',
  'list could not be replaced':
    'Slack did not take the answer in the place of a private list. It was shown below it.',
  'ack did not reach slack': 'The connection ended; Slack shows a warning beside the button.',
  'command failed': 'Unexpected: `err`. The person was told.',
  'listener failed': 'Unexpected: `err`.',
} as const satisfies LogEvents;
