import * as z from 'zod';
import { executionIdSchema } from './events/fields.ts';
import { idSchema } from './ids.ts';

/** One clip in one execution: what a request over HTTP gets for each of its clips. */
export interface JobIds {
  episodeId: string;
  clipId: string;
  executionId: string;
}

/** Stands in no id, and needs no escaping in a URL. */
const SEPARATOR = '~';

const idsSchema = z.tuple([idSchema, idSchema, executionIdSchema]);

/** Says by itself where everything about a job lies; whose it is, the caller's token decides. */
export const jobIdOf = ({ episodeId, clipId, executionId }: JobIds): string =>
  [episodeId, clipId, executionId].join(SEPARATOR);

/** A job's id as a path holds it; becomes the ids it is made of. */
export const jobIdSchema = z.string().transform((text, context): JobIds => {
  const ids = idsSchema.safeParse(text.split(SEPARATOR));
  if (ids.success) {
    const [episodeId, clipId, executionId] = ids.data;
    return { episodeId, clipId, executionId };
  }
  context.addIssue('must be a job_id as it was answered');
  return z.NEVER;
});
