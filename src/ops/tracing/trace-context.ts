/** What OpenTelemetry needs to carry a trace through this process and through the jobs of the queues. */
import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type Context,
  type ContextManager,
  isSpanContextValid,
  ROOT_CONTEXT,
  type SpanContext,
  type TextMapPropagator,
  trace,
  TraceFlags,
} from '@opentelemetry/api';

export function contextManager(): ContextManager {
  const storage = new AsyncLocalStorage<Context>();
  const manager: ContextManager = {
    active: () => storage.getStore() ?? ROOT_CONTEXT,
    with: (context, run, self, ...args) => storage.run(context, () => run.apply(self, args)),
    bind: (context, target) =>
      typeof target === 'function'
        ? (((...args: unknown[]) =>
            storage.run(context, () => Reflect.apply(target, undefined, args))) as typeof target)
        : target,
    enable: () => manager,
    disable: () => manager,
  };
  return manager;
}

const header = 'traceparent';
const form = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

/** The header of W3C's Trace Context. */
export const traceparent: TextMapPropagator = {
  fields: () => [header],
  inject: (context, carrier, setter) => {
    const span = trace.getSpanContext(context);
    if (span === undefined || !isSpanContextValid(span)) return;
    const flags = span.traceFlags.toString(16).padStart(2, '0');
    setter.set(carrier, header, `00-${span.traceId}-${span.spanId}-${flags}`);
  },
  extract: (context, carrier, getter) => {
    const found = form.exec([getter.get(carrier, header) ?? ''].flat()[0] ?? '');
    const [, traceId = '', spanId = '', flags = '0'] = found ?? [];
    const span: SpanContext = { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
    return isSpanContextValid(span) ? trace.setSpanContext(context, span) : context;
  },
};

export const isSampled = (context: Context): boolean => {
  const span = trace.getSpanContext(context);
  return span !== undefined && (span.traceFlags & TraceFlags.SAMPLED) !== 0;
};
