import { randomBytes } from 'node:crypto';

/** The trace an invocation belongs to: `X-Amzn-Trace-Id` taken apart. */
export interface TraceContext {
  /** `1-<8 hex: epoch seconds>-<24 hex>` */
  traceId: string;
  /** The segment that caused this one. */
  parentId?: string;
  sampled: boolean;
}

/**
 * Continues the caller's trace, or begins one. The caller's sampling decision stands; without one,
 * every trace is kept, because the bill that sampling is for does not exist here.
 *
 * @param active whether a trace that begins here is recorded (`TracingConfig: Active`)
 */
export function continueTrace(header: string | undefined, active: boolean): TraceContext {
  const fields = new Map(
    (header ?? '').split(';').map((field) => {
      const [key = '', value = ''] = field.split('=', 2);
      return [key.trim(), value.trim()];
    }),
  );
  const root = fields.get('Root');
  if (!root || !/^1-[0-9a-f]{8}-[0-9a-f]{24}$/i.test(root)) {
    return { traceId: newTraceId(), sampled: active };
  }
  const parentId = fields.get('Parent');
  return {
    traceId: root,
    ...(parentId ? { parentId } : {}),
    sampled: fields.get('Sampled') !== '0',
  };
}

/** The header that hands a trace on; `parentId` is the segment that hands it on. */
export function formatTraceHeader(trace: TraceContext): string {
  const parent = trace.parentId ? `;Parent=${trace.parentId}` : '';
  return `Root=${trace.traceId}${parent};Sampled=${trace.sampled ? 1 : 0}`;
}

/** @returns 16 hex digits */
export function newSegmentId(): string {
  return randomBytes(8).toString('hex');
}

/** `1-<8 hex: epoch seconds>-<24 hex>` */
export function newTraceId(): string {
  const epochSeconds = Math.floor(Date.now() / 1000);
  return `1-${epochSeconds.toString(16).padStart(8, '0')}-${randomBytes(12).toString('hex')}`;
}
