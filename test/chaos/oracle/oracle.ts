/**
 * Judges a schedule by what the API server stored and what Slack showed, in order. It shares no code with
 * Tugboot: a rule of the layers refuses the import.
 */
import { at, type Json, type Obj, text } from './json.ts';
import type { Found, InvariantName } from './invariant.ts';
import { forced, promise1 } from './promise-1.ts';
import { promise2, signalled } from './promise-2.ts';
import { promise3 } from './promise-3.ts';
import { promise4 } from './promise-4.ts';
import { promise5, restOf5 } from './promise-5.ts';
import { promise6 } from './promise-6.ts';
import { restOf7 } from './promise-7.ts';
import { isBot, type Message, phaseOf, type Request, type Rules, Seen, type Write } from './seen.ts';

export interface Violation {
  readonly invariant: InvariantName;
  readonly what: string;
  readonly at: number;
}

export interface OracleOptions {
  readonly world: Rules;
  readonly now: () => number;
}

/** What a person asked, when, and the answer; undefined where none came. */
export interface Answered {
  readonly at: number;
  readonly who: string;
  readonly what: string;
  readonly answer: string | undefined;
}

const afterEachWrite = [promise1, promise2, promise3, promise4, promise5, promise6];

export class Oracle {
  violation: Violation | undefined;
  readonly phases = new Set<string>();
  readonly #seen: Seen;
  readonly #now: () => number;
  #calmSince = Number.POSITIVE_INFINITY;
  #unanswered: string | undefined;

  constructor({ world, now }: OracleOptions) {
    this.#seen = new Seen(world);
    this.#now = now;
  }

  fail(invariant: string, what: string): void {
    this.violation ??= { invariant: invariant as InvariantName, what, at: this.#now() };
  }

  write(
    write: Omit<Write, 'object' | 'previous'> & { readonly object: Json; readonly previous?: Json },
  ): void {
    const seen = { ...write, object: write.object as Obj, previous: write.previous as Obj | undefined };
    this.#seen.write(seen);
    if (seen.resource === 'reboots.tugboot.dev') this.phases.add(phaseOf(seen.object));
    for (const judge of afterEachWrite) this.#take(judge(this.#seen, seen));
  }

  request(request: Request): void {
    this.#seen.request(request);
    const isDeleted = request.method === 'DELETE' && isBot(request.actor) && /\/pods\//.test(request.path);
    if (isDeleted) this.#take(forced(this.#seen, request.path));
  }

  answer({ actor, method, path }: Request, status: number): void {
    if (status === 403) this.#take(['8.rights', `${actor} may not ${method} ${path}`]);
  }

  payload({ payload }: { readonly payload: Json }): void {
    const user = text(payload, 'user', 'id') || text(payload, 'user_id') || text(payload, 'event', 'user');
    if (user !== '') this.#seen.acted.add(user);
  }

  message({ ts, message }: { readonly ts: string; readonly message: Message | undefined }): void {
    if (message === undefined || at(message, 'tombstone') === true) this.#seen.messages.delete(ts);
    else this.#seen.messages.set(ts, message);
  }

  signal({ node, bootId }: { readonly node: string; readonly bootId: string }): void {
    this.#take(signalled(this.#seen, node, bootId));
  }

  answered({ at: asked, who, what, answer }: Answered): void {
    if (answer === undefined && asked > this.#calmSince)
      this.#unanswered ??= `${who} was not answered: ${what}`;
  }

  /** From here on nothing goes wrong any more. */
  calm(): void {
    this.#calmSince = this.#now();
  }

  /** What has not come to rest yet. */
  get unrest(): Found {
    return restOf5(this.#seen) ?? restOf7(this.#seen);
  }

  atRest(): void {
    if (this.violation !== undefined) return;
    if (this.#unanswered !== undefined) this.fail('7.answered', this.#unanswered);
    this.#take(this.unrest);
  }

  #take(found: Found): void {
    if (found !== undefined) this.fail(...found);
  }
}
