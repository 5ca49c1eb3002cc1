/**
 * Takes the real clock, real timers and real sockets away while schedules run: whoever asks for one fails,
 * and the schedule with it. Randomness of modules that take none as an argument comes from the seed.
 */
import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import timers from 'node:timers';
import timersPromises from 'node:timers/promises';
import type { Dice } from './randomness.ts';

export interface RealWorld {
  /** What asked for it, in words. */
  readonly uses: readonly string[];
  restore(): void;
}

type Host = Record<string, unknown>;

export function withoutRealWorld(now: () => number, dice: Dice): RealWorld {
  const uses: string[] = [];
  const undo: (() => void)[] = [];
  const replace = (host: object, name: string, by: unknown): void => {
    const target = host as Host;
    const before = target[name];
    target[name] = by;
    undo.push(() => {
      target[name] = before;
    });
  };
  const refuse = (what: string) => (): never => {
    uses.push(what);
    throw new Error(`the chaos has no ${what}`);
  };
  for (const name of ['setTimeout', 'setInterval']) {
    replace(globalThis, name, refuse(name));
    replace(timers, name, refuse(name));
    replace(timersPromises, name, refuse(`${name} of timers/promises`));
  }
  replace(AbortSignal, 'timeout', refuse('AbortSignal.timeout'));
  replace(net.Socket.prototype, 'connect', refuse('socket'));
  replace(net.Server.prototype, 'listen', refuse('server'));
  replace(globalThis, 'fetch', refuse('fetch'));
  replace(Date, 'now', now);
  replace(Math, 'random', () => dice.next());
  replace(crypto, 'randomUUID', () => uuid(dice));
  syncBuiltinESMExports();
  return {
    uses,
    restore() {
      for (const one of undo.toReversed()) one();
      syncBuiltinESMExports();
    },
  };
}

function uuid(dice: Dice): string {
  const hex = Array.from({ length: 32 }, () => dice.between(0, 15).toString(16)).join('');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20),
  ].join('-');
}
