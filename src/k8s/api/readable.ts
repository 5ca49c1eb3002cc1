import { PortError } from '../../reboot/ports/port-error.ts';
import { textAt } from './json-value.ts';

/**
 * A view of objects whose fields have the types of the API's schema. The API server sees to that, but a proxy
 * before it may not: what has other types is refused by its name, as an answer that cannot be read.
 */
export const readable =
  <Object, More extends unknown[], View>(kind: string, view: (object: Object, ...more: More) => View) =>
  (object: Object, ...more: More): View => {
    try {
      return view(object, ...more);
    } catch (cause) {
      if (cause instanceof PortError) throw cause;
      const named = [textAt(object, 'metadata', 'namespace'), textAt(object, 'metadata', 'name')];
      const name = named.filter((part) => part !== undefined).join('/') || 'without a name';
      const message = `The ${kind} ${name} cannot be read: its fields have other types than those of the Kubernetes API.`;
      throw new PortError('cluster-invalid', message, { retryable: true, cause });
    }
  };
