/** What a detail may hold that the checker looks at; which of it is there depends on the event. */
export interface LoggedDetail {
  readonly tenantId?: string;
  readonly episodeId?: string;
  readonly executionId?: string;
  readonly executionStartedAt?: string;
  readonly clipId?: string;
  readonly clipIndex?: number;
  readonly clipCount?: number;
  readonly segmentIndex?: number;
  readonly segmentCount?: number;
  readonly rendition?: string;
  readonly segments?: readonly unknown[];
  readonly superseded?: boolean;
  readonly status?: string;
  readonly totalClips?: number;
  readonly processedClips?: number;
  readonly failedClips?: number;
  readonly cancelledClips?: number;
  readonly meta?: { readonly eventId: string };
}

/** An event as it was put on a bus. */
export interface LoggedEvent {
  readonly id: string;
  readonly source: string;
  readonly 'detail-type': string;
  readonly detail: LoggedDetail;
}

/** An item of the table, as the document client reads it. */
export interface TableItem {
  readonly pk: string;
  readonly sk: string;
  readonly [attribute: string]: unknown;
}

/** An object of the bucket. */
export interface StoredObject {
  readonly key: string;
  readonly etag: string;
  /** Of `clip.mp4`; of others it is not asked for. */
  readonly metadata?: Readonly<Record<string, string>>;
}

export interface Undelivered {
  readonly functionName: string;
  readonly event: LoggedEvent;
}

/** Table and bucket at one moment. */
export interface Stored {
  readonly items: readonly TableItem[];
  readonly objects: readonly StoredObject[];
}

/** All that is left once everything is at rest, which is all that the guarantees speak of. */
export interface FinalState extends Stored {
  /** Every publication, in order, those of the same event again included. */
  readonly events: readonly LoggedEvent[];
  /** What rules could not deliver, with the function that did not get it. */
  readonly undelivered: readonly Undelivered[];
  /** What was there before anything was asked for. */
  readonly before: Stored;
}
