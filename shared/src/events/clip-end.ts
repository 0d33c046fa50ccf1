import * as z from 'zod';
import { parseEnvelope, parseWith } from './define-event.ts';
import { clipEndFields } from './fields.ts';

const schema = z.looseObject(clipEndFields);

/**
 * Reads an event after which no more of a clip is wanted: `SegmentFailed`, `ClipGenerationFailed` or
 * `ClipGenerationCancelled`. Its consumers need no more of it than which clip it is about.
 * @throws PermanentError `EVENT_INVALID`
 */
export function parseClipEnd(input: unknown) {
  const event = parseEnvelope(input);
  return { ...event, detail: parseWith(schema, event.detail, event['detail-type']) };
}
