/**
 * Traces for an OpenTelemetry collector, as a part of its own that is loaded where an endpoint is configured:
 * one trace for each Reboot, with its phases and the jobs of the queues that worked on it.
 */
import { context, propagation, ROOT_CONTEXT, SpanStatusCode, trace, TraceFlags } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  type IdGenerator,
  RandomIdGenerator,
  SamplingDecision,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { BullMQOtel } from 'bullmq-otel';
import type { Reboot } from '../../reboot/state/reboot.ts';
import { type SpanFacts, spansEndedBy, traceIdsOf } from './reboot-spans.ts';
import { contextManager, isSampled, traceparent } from './trace-context.ts';

export interface TracingOptions {
  /** Base address of the collector: traces are posted to /v1/traces below it. */
  readonly endpoint: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly serviceName: string;
  readonly version: string;
}

export interface Tracing {
  /** For the queues and workers. */
  readonly telemetry: BullMQOtel;
  /** What is started in it belongs to the trace of that Reboot. */
  readonly inTraceOf: <T>(cluster: string, reboot: string, run: () => T) => T;
  /** This process has stored the Reboot in another state. */
  saved(cluster: string, before: Reboot, after: Reboot): void;
  /** Sends what is left, for some seconds. */
  close(): Promise<void>;
}

/** In milliseconds. */
const exportTimeout = 3_000;

export function openTracing({ endpoint, headers, serviceName, version }: TracingOptions): Tracing {
  const ids = chosenIds();
  const exporter = new OTLPTraceExporter({
    url: `${endpoint.replace(/\/+$/, '')}/v1/traces`,
    headers: { ...headers },
    timeoutMillis: exportTimeout,
  });
  const provider = new TracerProvider({
    idGenerator: ids,
    // What belongs to no Reboot is not recorded: scans, plans, and the workers' questions for jobs.
    sampler: {
      shouldSample: (parent) => ({
        decision:
          isSampled(parent) || ids.isChosen
            ? SamplingDecision.RECORD_AND_SAMPLED
            : SamplingDecision.NOT_RECORD,
      }),
      toString: () => 'what belongs to a Reboot',
    },
    resource: resourceFromAttributes({ 'service.name': serviceName, 'service.version': version }),
    spanProcessors: [new BatchSpanProcessor({ exporter, exportTimeoutMillis: exportTimeout })],
  });
  context.setGlobalContextManager(contextManager());
  propagation.setGlobalPropagator(traceparent);
  trace.setGlobalTracerProvider(provider);
  const tracer = provider.getTracer('tugboot', version);

  const contextOf = (cluster: string, reboot: string): typeof ROOT_CONTEXT =>
    trace.setSpanContext(ROOT_CONTEXT, { ...traceIdsOf(cluster, reboot), traceFlags: TraceFlags.SAMPLED });

  const record = (cluster: string, reboot: string, facts: SpanFacts): void => {
    const options = {
      startTime: facts.from,
      attributes: { ...facts.attributes, 'k8s.cluster.name': cluster },
    };
    const span = facts.isWhole
      ? ids.choose(traceIdsOf(cluster, reboot), () =>
          tracer.startSpan(facts.name, { ...options, root: true }),
        )
      : tracer.startSpan(facts.name, options, contextOf(cluster, reboot));
    for (const { name, at } of facts.events) span.addEvent(name, at);
    if (facts.failure !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: facts.failure });
    span.end(Math.max(facts.from, facts.to));
  };
  return {
    telemetry: new BullMQOtel({ tracerName: 'bullmq', version }),
    inTraceOf: (cluster, reboot, run) => context.with(contextOf(cluster, reboot), run),
    saved: (cluster, before, after) => {
      for (const facts of spansEndedBy(before, after)) record(cluster, after.name, facts);
    },
    close: async () => {
      await provider.shutdown().catch(() => undefined);
      context.disable();
      propagation.disable();
      trace.disable();
    },
  };
}

interface ChosenIds extends IdGenerator {
  readonly isChosen: boolean;
  /** The span that `start` makes has these ids. */
  choose<T>(ids: { readonly traceId: string; readonly spanId: string }, start: () => T): T;
}

/** Random ids, except where they are known: OpenTelemetry has no other way to set those of a span. */
function chosenIds(): ChosenIds {
  const random = new RandomIdGenerator();
  let chosen: { readonly traceId: string; readonly spanId: string } | undefined;
  return {
    get isChosen() {
      return chosen !== undefined;
    },
    generateTraceId: () => chosen?.traceId ?? random.generateTraceId(),
    generateSpanId: () => chosen?.spanId ?? random.generateSpanId(),
    choose: (ids, start) => {
      chosen = ids;
      try {
        return start();
      } finally {
        chosen = undefined;
      }
    },
  };
}
