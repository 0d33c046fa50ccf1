/** A segment or subsegment document, as far as we read it; the rest is kept as it came. */
export interface SegmentDocument {
  /** 16 hex digits, unique within the trace. */
  id: string;
  name: string;
  /** Epoch seconds, with fraction. */
  start_time: number;
  /** Absent while in progress. */
  end_time?: number;
  /** Absent on embedded subsegments, which belong to the document around them. */
  trace_id?: string;
  parent_id?: string;
  /** `subsegment` on subsegments that were sent on their own. */
  type?: string;
  /** What kind of resource sent a segment: `AWS::Lambda::Function`. */
  origin?: string;
  /** `aws` or `remote` for calls to other services. */
  namespace?: string;
  /** A server's failure (5xx). */
  fault?: boolean;
  /** A client's failure (4xx). */
  error?: boolean;
  /** A 429. */
  throttle?: boolean;
  annotations?: Record<string, string | number | boolean>;
  aws?: { operation?: string } & Record<string, unknown>;
  subsegments?: SegmentDocument[];
}

/** A document that stands on its own, as it is sent and stored. */
export type SentDocument = SegmentDocument & { trace_id: string };

/** A datagram or stored line that is no segment document. */
export class InvalidSegmentError extends Error {
  override readonly name = 'InvalidSegmentError';
  readonly code = 'INVALID_SEGMENT';
}

/**
 * Reads one datagram of the X-Ray daemon's protocol: a header line, then the document.
 * @throws InvalidSegmentError
 */
export function parseDatagram(datagram: Buffer): SentDocument {
  const text = datagram.toString('utf8');
  const headerEnd = text.indexOf('\n');
  const header = parseJson(text.slice(0, Math.max(headerEnd, 0)));
  if (!isRecord(header) || header.format !== 'json' || header.version !== 1) {
    throw new InvalidSegmentError('Send {"format":"json","version":1} in the first line.');
  }
  return checkDocument(parseJson(text.slice(headerEnd + 1)));
}

/** @throws InvalidSegmentError when what every document needs is missing */
export function checkDocument(value: unknown): SentDocument {
  if (
    !isRecord(value) ||
    typeof value.trace_id !== 'string' ||
    typeof value.id !== 'string' ||
    typeof value.name !== 'string' ||
    typeof value.start_time !== 'number'
  ) {
    throw new InvalidSegmentError('A segment needs trace_id, id, name and start_time.');
  }
  return value as unknown as SentDocument;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
