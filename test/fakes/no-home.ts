import type { Home } from '../../src/bot/home/home.ts';

/** Nobody looks at the App Home. */
export const noHome: Home = { opened: async () => undefined, answer: async () => undefined };
