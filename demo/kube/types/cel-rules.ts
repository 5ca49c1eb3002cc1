/** The CEL rules that this server evaluates, each as a predicate of the new and the stored value. */
import { appendOnly, immutable, phaseSteps } from '../../../src/reboot/schema/record-rules.ts';
import { at, type Json, sameJson, textAt } from '../json.ts';

type Judge = (self: Json, oldSelf: Json) => boolean;

const list = (value: Json): readonly Json[] => (Array.isArray(value) ? value : []);

const keepsHistory: Judge = (self, oldSelf) =>
  list(self).length >= 50 ||
  list(oldSelf).every(
    (entry) =>
      textAt(entry, 'what') === 'entered' ||
      list(self).some((same) => ['at', 'what'].every((key) => at(same, key) === at(entry, key))),
  );

/** From which phases each of these may be entered. */
const enteredFrom: ReadonlyMap<string, readonly string[]> = new Map([
  ['Draining', ['Approved', 'Failed']],
  ['Rebooting', ['Draining', 'Failed']],
  ['Settling', ['Rebooting', 'Failed']],
  ['Succeeded', ['Settling']],
]);

const takesStep: Judge = (self, oldSelf) => {
  const [to, from] = [textAt(self, 'phase') ?? '', textAt(oldSelf, 'phase') ?? ''];
  if (to === from) return true;
  return from !== 'Succeeded' && (enteredFrom.get(to)?.includes(from) ?? true);
};

const judges: ReadonlyMap<string, Judge> = new Map([
  [immutable.rule, sameJson],
  [appendOnly.rule, keepsHistory],
  [phaseSteps.rule, takesStep],
]);

/** Undefined for a rule that this server does not know. */
export const judgeOf = (rule: string | undefined): Judge | undefined => judges.get(rule ?? '');
