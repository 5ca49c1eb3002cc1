// How long the simulated hosts of the benches take, and what a boot changes.

/** From a pod's deletion until its containers have stopped, in milliseconds. */
export const stopTime = 500;

/**
 * From the order to the new boot, in milliseconds: 18 to 22 s, by the number of the node. Virtual machines of
 * the field take as long at least; machines with firmware that tests memory take minutes.
 */
export const bootTimeOf = (node: string): number =>
  18_000 + ((Number(/\d+$/.exec(node)?.[0]) * 7) % 41) * 100;

export const rebooted = (bootId: string): string => `11${bootId.slice(2)}`;
