import * as z from 'zod';
import { type BusEvent, parseWith } from './define-event.ts';

/** "Object Created" as S3 sends it to the account's default bus. */
const schema = z.looseObject({
  object: z.looseObject({
    key: z.string().min(1),
    etag: z.string().optional(),
    sequencer: z.string().optional(),
  }),
});

/** A new object, as S3 announces it; S3 may do so twice. */
export interface CreatedObject {
  key: string;
  etag?: string;
  /** Names this very upload. */
  sequencer?: string;
}

export const isObjectCreated = ({ source, 'detail-type': detailType }: BusEvent): boolean =>
  source === 'aws.s3' && detailType === 'Object Created';

/** @throws PermanentError `EVENT_INVALID` */
export const readObjectCreated = ({ detail }: BusEvent): CreatedObject =>
  parseWith(schema, detail, 'The S3 event').object;
