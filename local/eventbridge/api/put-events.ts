import * as z from 'zod';
import { AwsError } from '#local/gateway/service';
import { DEFAULT_BUS, nameOf } from '../arn.ts';
import { type BusEvent, toBusEvent, toEventTime } from '../event.ts';
import { isLeaf } from '../pattern/operators.ts';
import type { Bus } from '../state/records.ts';
import { timeSeconds } from './fields.ts';
import { type Caller, operation, type Services } from './operation.ts';

/** AWS's limit for all entries of one call together; 256 KB until January 2026. */
const MAXIMUM_BYTES = 1024 * 1024;

const entrySchema = z.object({
  Source: z.string().optional(),
  DetailType: z.string().optional(),
  Detail: z.string().optional(),
  Resources: z.array(z.string()).optional(),
  Time: timeSeconds.optional(),
  EventBusName: z.string().min(1).max(1600).default(DEFAULT_BUS),
  TraceHeader: z.string().max(500).optional(),
});

type Entry = z.output<typeof entrySchema>;

/** Why one entry is refused while the others of the call are taken. */
class EntryError extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export function putEventsOperation({ home, arns, registry, router }: Services) {
  return {
    PutEvents: operation({
      input: z.object({ Entries: z.array(entrySchema).min(1).max(10) }),
      resources: ({ Entries }) => Entries.map((entry) => arns.bus(nameOf(entry.EventBusName))),
      async run({ Entries }, caller) {
        if (Entries.map(sizeBytes).reduce((sum, bytes) => sum + bytes) > MAXIMUM_BYTES) {
          throw new AwsError(
            'ValidationException',
            'Total size of the entries in the request is over the limit.',
          );
        }
        const results = await Promise.all(Entries.map((entry) => put(entry, caller)));
        const FailedEntryCount = results.filter((result) => 'ErrorCode' in result).length;
        return { FailedEntryCount, Entries: results };
      },
    }),
  };

  async function put(entry: Entry, caller: Caller) {
    try {
      const event = eventOf(entry);
      const traceHeader = entry.TraceHeader ?? caller.traceHeader;
      await router.accept(busOf(entry), event, { traceHeader });
      return { EventId: event.id };
    } catch (error) {
      if (error instanceof EntryError)
        return { ErrorCode: error.code, ErrorMessage: error.message };
      console.error(error);
      return { ErrorCode: 'InternalFailure', ErrorMessage: String(error) };
    }
  }

  /** AWS takes events for a bus that does not exist and loses them; here that is an error one can see. */
  function busOf(entry: Entry): Bus {
    const bus = registry.buses.get(nameOf(entry.EventBusName));
    if (!bus) invalid('EventBusName', `Event bus ${entry.EventBusName} does not exist.`);
    return bus;
  }

  function eventOf({ Source, DetailType, Detail, Resources, Time }: Entry): BusEvent {
    if (!Source) return invalid('Source', 'Source is a required argument.');
    if (!DetailType) return invalid('DetailType', 'DetailType is a required argument.');
    if (!Detail) return invalid('Detail', 'Detail is a required argument.');
    if (DetailType.length > 128) invalid('DetailType', 'It may be 128 characters long.');
    if (/^aws\./i.test(Source)) {
      throw new EntryError('NotAuthorizedForSourceException', 'Not authorized for the source.');
    }
    return toBusEvent(
      {
        source: Source,
        'detail-type': DetailType,
        detail: parseDetail(Detail),
        resources: Resources,
        time: Time === undefined ? undefined : toEventTime(new Date(Time * 1000)),
      },
      home,
    );
  }
}

/** "PutEvents will only process nested JSON up to 1000 levels deep", says its API reference. */
const MAXIMUM_DEPTH = 1_000;

function parseDetail(text: string): Record<string, unknown> {
  try {
    const detail: unknown = JSON.parse(text);
    const isObject = !isLeaf(detail) && !Array.isArray(detail);
    if (isObject && !isDeeper(detail)) return detail as Record<string, unknown>;
  } catch {
    // Falls through: text that is not JSON is as malformed as JSON that is no object.
  }
  throw new EntryError('MalformedDetail', 'Detail is malformed.');
}

function isDeeper(detail: unknown): boolean {
  let level: unknown[] = [detail];
  for (let depth = 0; depth < MAXIMUM_DEPTH; depth++) {
    level = level.flatMap((value) => (isLeaf(value) ? [] : Object.values(value as object)));
    if (level.length === 0) return false;
  }
  return true;
}

/** As AWS documents it: 14 bytes for the time, the UTF-8 length of all else. */
function sizeBytes({
  Source = '',
  DetailType = '',
  Detail = '',
  Resources = [],
  Time,
}: Entry): number {
  return [Source, DetailType, Detail, ...Resources].reduce(
    (sum, text) => sum + Buffer.byteLength(text),
    Time === undefined ? 0 : 14,
  );
}

function invalid(parameter: string, reason: string): never {
  throw new EntryError('InvalidArgument', `Parameter ${parameter} is not valid. Reason: ${reason}`);
}
