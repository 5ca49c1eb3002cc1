const alphabet = '0123456789ABCDEFGHJKLMNPQRSTUVWXYZ';

export interface Ids {
  /** `V0A1…`: the prefix, then ten characters. */
  next(prefix: string): string;
  uuid(): string;
  secret(): string;
}

const characters = (random: () => number, count: number, from: string): string =>
  Array.from({ length: count }, () => from[Math.floor(random() * from.length)] ?? '0').join('');

const hex = '0123456789abcdef';

export const createIds = (random: () => number): Ids => ({
  next: (prefix) => `${prefix}0${characters(random, 9, alphabet)}`,
  uuid: () => [8, 4, 4, 4, 12].map((count) => characters(random, count, hex)).join('-'),
  secret: () => characters(random, 32, hex),
});
