const entities: Readonly<Record<string, string>> = { '&lt;': '<', '&gt;': '>', '&amp;': '&' };

/** Slack knows these three and no other; decoded once, so that `&amp;lt;` is read as `&lt;`. */
export const decodeEntities = (text: string): string =>
  text.replaceAll(/&(?:lt|gt|amp);/g, (entity) => entities[entity] ?? entity);
