/** Each message that is logged, with what it means and what its fields hold. */
export type LogEvents = Readonly<Record<string, string>>;
