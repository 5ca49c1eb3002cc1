const entities: Readonly<Record<string, string>> = { '&lt;': '<', '&gt;': '>', '&amp;': '&' };

/** Slack has only these three entities. Decoded once, so that `&amp;lt;` becomes `&lt;`. */
export const decodeEntities = (text: string): string =>
  text.replaceAll(/&(?:lt|gt|amp);/g, (entity) => entities[entity] ?? entity);
