/** A new object, as S3 announces it. */
export interface ObjectCreated {
  readonly bucket: string;
  readonly key: string;
  /** In bytes. */
  readonly size: number;
  /** Without quotes. */
  readonly etag: string;
  /** Only on buckets with versions, which this server does not keep. */
  readonly versionId?: string;
  /** Hexadecimal; of two events for one key, the later has the greater (compare as strings). */
  readonly sequencer: string;
  readonly reason: 'PutObject' | 'CompleteMultipartUpload' | 'CopyObject';
  readonly requestId: string;
  readonly sourceIpAddress: string;
  /** When the object came to be, in milliseconds since 1970. */
  readonly createdAtMs: number;
}

/** Who sends the event. */
export interface EventOrigin {
  /** The event's `id`, a UUID. */
  readonly id: string;
  readonly accountId: string;
  readonly region: string;
}

/**
 * The event as it arrives on the default bus. The format is the "Object created" example under
 * "EventBridge event message structure" in the S3 user guide.
 */
export function objectCreatedEvent(created: ObjectCreated, origin: EventOrigin) {
  return {
    version: '0',
    id: origin.id,
    'detail-type': 'Object Created',
    source: 'aws.s3',
    account: origin.accountId,
    // EventBridge's times have no fractions of a second.
    time: new Date(created.createdAtMs).toISOString().replace(/\.\d+Z$/, 'Z'),
    region: origin.region,
    resources: [`arn:aws:s3:::${created.bucket}`],
    detail: {
      version: '0',
      'event-version': '1.0',
      bucket: { name: created.bucket },
      object: {
        key: created.key,
        size: created.size,
        etag: created.etag,
        ...(created.versionId === undefined ? {} : { 'version-id': created.versionId }),
        sequencer: created.sequencer,
      },
      'request-id': created.requestId,
      requester: origin.accountId,
      'source-ip-address': created.sourceIpAddress,
      reason: created.reason,
    },
  };
}
