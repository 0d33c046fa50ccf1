import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { Tracer } from '@aws-lambda-powertools/tracer';
import type { WarningCode } from '../media/warnings.ts';

// One logger, tracer and metrics per execution environment. Their names come from the template:
// POWERTOOLS_SERVICE_NAME and POWERTOOLS_METRICS_NAMESPACE. Tracing stays behind this module, because
// the X-Ray SDK underneath is in maintenance and will be replaced one day.

export const logger = new Logger();
export const metrics = new Metrics({ logger: { ...console, warn: warnOfMetrics } });
export const tracer = new Tracer({ captureHTTPsRequests: false });

/** Functions that only answer have nothing to count, which is nothing to warn of at every call. */
function warnOfMetrics(message: string): void {
  if (!message.startsWith('No application metrics')) console.warn(message);
}

/** The metrics of Splicebus and the unit each is counted in. */
const METRIC_UNITS = {
  /** From the begin of an execution to the finished clip. */
  ClipProcessingDuration: MetricUnit.Milliseconds,
  SegmentExtractionCount: MetricUnit.Count,
  SegmentFailureCount: MetricUnit.Count,
  StitchFailureCount: MetricUnit.Count,
  ThumbnailsFailureCount: MetricUnit.Count,
  RenditionFailureCount: MetricUnit.Count,
  /** Wall time inside FFmpeg's processes, of one segment, one stitch, or what is made of one clip. */
  FFmpegProcessingTime: MetricUnit.Milliseconds,
  ClipFileSizeBytes: MetricUnit.Bytes,
  /** From the claim of an audio clip to its record. */
  AudioClipGenerationTime: MetricUnit.Milliseconds,
  AudioClipCacheHitCount: MetricUnit.Count,
  ClipGenerationRejectedCount: MetricUnit.Count,
  InvocationFailureCount: MetricUnit.Count,
  UndeliverableEventCount: MetricUnit.Count,
  TimedOutClipCount: MetricUnit.Count,
} as const;

/** Adds one value to a metric, in the metric's own unit. */
export function count(name: keyof typeof METRIC_UNITS, value = 1): void {
  metrics.addMetric(name, METRIC_UNITS[name], value);
}

/** Counts a warning, with its code as a dimension: of `WarningCount` alone, so it is emitted by itself. */
export function countWarning(code: WarningCode): void {
  const single = metrics.singleMetric();
  single.addDimension('code', code);
  single.addMetric('WarningCount', MetricUnit.Count, 1);
}

/** Runs a piece of work as a subsegment of the trace, so that the waterfall shows where time went. */
export async function traced<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
  const parent = tracer.getSegment();
  const subsegment = parent?.addNewSubsegment(name);
  if (!parent || !subsegment) return work();
  tracer.setSegment(subsegment);
  try {
    return await work();
  } catch (error) {
    subsegment.addError(error instanceof Error ? error : String(error));
    throw error;
  } finally {
    subsegment.close();
    tracer.setSegment(parent);
  }
}
