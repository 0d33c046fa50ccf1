import { randomUUID } from 'node:crypto';

/** An event as rules match it and as targets receive it. */
export interface BusEvent {
  readonly version: string;
  readonly id: string;
  readonly 'detail-type': string;
  readonly source: string;
  readonly account: string;
  /** RFC 3339 in UTC, in whole seconds: `2026-01-31T12:00:00Z`. */
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
  /** The replay that brought the event back; absent on live events. */
  readonly 'replay-name'?: string;
}

/** What a producer states; the rest of the envelope is filled in unless it is given, as for a forwarded event. */
export type NewEvent = Pick<BusEvent, 'source' | 'detail-type' | 'detail'> & Partial<BusEvent>;

/** Whose events these are. */
export interface Home {
  readonly accountId: string;
  readonly region: string;
}

/** Completes the envelope: a fresh id, the present time. */
export function toBusEvent(event: NewEvent, home: Home): BusEvent {
  return {
    version: event.version ?? '0',
    id: event.id ?? randomUUID(),
    'detail-type': event['detail-type'],
    source: event.source,
    account: event.account ?? home.accountId,
    time: event.time ?? toEventTime(new Date()),
    region: event.region ?? home.region,
    resources: event.resources ?? [],
    detail: event.detail,
    ...(event['replay-name'] !== undefined && { 'replay-name': event['replay-name'] }),
  };
}

/** Event times have a resolution of one second. */
export function toEventTime(time: Date): string {
  return time.toISOString().replace(/\.\d{3}Z$/, 'Z');
}
