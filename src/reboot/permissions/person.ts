/** A person, as chat knows them, at the time of the click. */
export interface Person {
  readonly id: string;
  readonly name: string;
  /** Ids of the groups they belong to, among those that the policy names. */
  readonly groups: readonly string[];
  readonly guest: boolean;
  readonly bot: boolean;
  readonly deactivated: boolean;
  /** From another workspace or organisation. */
  readonly foreign: boolean;
}
