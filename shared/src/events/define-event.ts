import * as z from 'zod';
import { PermanentError } from '../errors.ts';

/** What upstream publishes under; our services' sources are `nullcheck.clips.<service>`. */
export const UPSTREAM_SOURCE = 'nullcheck.clips';

/** An event as EventBridge hands it to a function. */
export interface BusEvent {
  id: string;
  source: string;
  'detail-type': string;
  time: string;
  detail: unknown;
  /** Present only on events of an archive replay: the name of the replay. */
  'replay-name'?: string;
}

/** One kind of event: where it comes from, what it holds, and an example that fits the schema. */
export interface EventDefinition<Schema extends z.ZodType = z.ZodType> {
  readonly detailType: string;
  readonly source: string;
  /** One sentence for the event catalogue: what has happened when this is published. */
  readonly meaning: string;
  readonly schema: Schema;
  readonly example: z.input<Schema>;
}

/** An event whose envelope and detail have been checked. */
export interface ParsedEvent<Detail> extends Omit<BusEvent, 'detail'> {
  detail: Detail;
}

export type DetailOf<Definition extends EventDefinition> = z.output<Definition['schema']>;

const envelopeSchema = z.looseObject({
  id: z.string().min(1),
  source: z.string().min(1),
  'detail-type': z.string().min(1),
  time: z.string().min(1),
  detail: z.unknown(),
  'replay-name': z.string().min(1).optional(),
});

/** Checks the envelope only. @throws PermanentError `EVENT_INVALID` */
export function parseEnvelope(event: unknown): BusEvent {
  return parseWith(envelopeSchema, event, 'The event');
}

/**
 * Checks an event against the schema that its producer used. Unknown extra fields are kept.
 * @throws PermanentError `EVENT_INVALID`, naming the field
 */
export function parseEvent<Schema extends z.ZodType>(
  definition: EventDefinition<Schema>,
  event: unknown,
): ParsedEvent<z.output<Schema>> {
  const envelope = parseEnvelope(event);
  if (envelope['detail-type'] !== definition.detailType) {
    throw new PermanentError(
      'EVENT_INVALID',
      `Expected ${definition.detailType} but got ${envelope['detail-type']}: check the rule's pattern.`,
    );
  }
  const detail = parseWith(definition.schema, envelope.detail, definition.detailType);
  return { ...envelope, detail };
}

/** @throws PermanentError `EVENT_INVALID` whose message names the first fields that do not fit */
export function parseWith<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  subject: string,
): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new PermanentError('EVENT_INVALID', `${subject} does not fit: ${describe(result.error)}.`);
}

/** The first three issues as `path: message`, which is what a person can act on. */
export function describe(error: z.ZodError): string {
  const issues = error.issues.slice(0, 3).map((issue) => {
    const path = issue.path.map(String).join('.');
    return path ? `${path}: ${issue.message}` : issue.message;
  });
  const more = error.issues.length - issues.length;
  return more > 0 ? `${issues.join('; ')} (and ${more} more)` : issues.join('; ');
}
