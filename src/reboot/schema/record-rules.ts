/**
 * Rules that the API server evaluates on each update, in CEL. A transition rule compares with the stored
 * object, and is skipped where there was none. Every write of this version and of 0.1.0 passes.
 */
const rule = (text: string, message: string) => ({ rule: text, message });

/** No later write changes which boot a Reboot is for. */
export const immutable = rule('self == oldSelf', 'A Reboot is for one boot of one node.');

/** The fewest entries with which a version lets the oldest go. */
const mayShorten = 50;

/** Entries of phases are not compared: a version without them stores them without their phase. */
export const appendOnly = rule(
  `self.size() >= ${mayShorten} || oldSelf.all(e, e.what == 'entered' || self.exists(s, s.at == e.at && s.what == e.what))`,
  'The history keeps every decision. Only of a long one may the oldest entries go.',
);

const onlyFrom = (phase: string, from: readonly string[]): string =>
  `(self.phase != '${phase}' || oldSelf.phase in [${from.map((each) => `'${each}'`).join(', ')}])`;

/**
 * The phases in which a node is out of service, and the proof, are entered only from those that lead there.
 * 0.1.0 went from Failed to Rebooting.
 */
export const phaseSteps = rule(
  [
    `self.phase == oldSelf.phase || (oldSelf.phase != 'Succeeded'`,
    onlyFrom('Draining', ['Approved', 'Failed']),
    onlyFrom('Rebooting', ['Draining', 'Failed']),
    onlyFrom('Settling', ['Rebooting', 'Failed']),
    `${onlyFrom('Succeeded', ['Settling'])})`,
  ].join(' && '),
  'No reboot goes from the one phase to the other.',
);

export const validations = (...rules: readonly ReturnType<typeof rule>[]) => ({
  'x-kubernetes-validations': rules,
});
