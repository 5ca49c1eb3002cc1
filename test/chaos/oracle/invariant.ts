/** An invariant that is broken: its name, which begins with the number of the promise, and what was seen. */
export type Found = readonly [name: string, what: string] | undefined;

/** Every invariant, with what it says. */
export const invariants = {
  '0.real-world': 'No real timer, clock or socket was used.',
  '0.crash': 'No program of ours ended with an error that it did not expect.',
  '1.turns': 'The ledger never holds more turns than pool, control plane and cluster may have.',
  '1.concurrency': 'Never are more nodes cordoned by Tugboot than pool and cluster may have out.',
  '1.cordon-has-turn': 'A node that Tugboot has cordoned has a turn.',
  '1.room': 'No turn is taken where the nodes that were seen to be out leave no room.',
  '1.evicts-when-cordoned': 'No pod is evicted from a node that is not cordoned.',
  '1.force': 'No pod is deleted past its budgets unless a person forced it.',
  '2.order-has-reboot': 'An order names the boot of a Reboot of this very node that is Rebooting.',
  '2.order-when-cordoned': 'An order for the boot that runs is given to a cordoned node only.',
  '2.once': 'The host of a boot is told to reboot at most once, by an order for this boot.',
  '2.no-uncordon-under-order': 'No node is uncordoned while an order for its boot stands.',
  '2.cordon-of-its-boot': 'A cordon is put on the boot that its Reboot names.',
  '3.decision': 'What starts has a decision: enough approvals, each with name, time and digest.',
  '3.by-whom': 'Who decided may decide, and has done something in Slack; or a rule of the pool did.',
  '3.digest': 'What starts was decided on the risky packages that its node reports.',
  '3.window': 'What was decided for the window starts inside of it.',
  '4.foreign-cordon': 'A cordon of others is never taken off, and never claimed.',
  '4.foreign-keys': 'Tugboot changes nothing on a node but what is its own.',
  '5.transitions': 'A Reboot goes only the ways that the states have.',
  '5.kept': 'No Reboot is deleted by Tugboot before it is over.',
  '5.rest': 'When the faults are over, everything comes to an end or to a person.',
  '5.leftovers': 'At rest there is no turn, order, cordon or mark of ours without an owner.',
  '5.detected': 'At rest each node that asks has its Reboot.',
  '6.proven':
    'What has succeeded booted anew, is Ready for the settle time, asks no more, runs the newest kernel.',
  '6.uncordon': 'A node is uncordoned after its reboot only when it is proven or given up.',
  '7.named': 'What waits names what for, and what failed says why.',
  '7.card': 'At rest each Reboot that waits for people has a message with the buttons of its phase.',
  '7.answered': 'When the faults are over, every command is answered.',
  '8.rights': 'No program asks the API server for what it may not do.',
} as const;
export type InvariantName = keyof typeof invariants;
