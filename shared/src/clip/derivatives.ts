import type { ErrorSummary } from '../errors.ts';
import type { ClipPicture, RungName } from '../events/fields.ts';
import type { MadeRungDetail } from '../events/rendition-made.ts';
import type { ExecutionOrder } from '../executions.ts';

/** A rung of a clip's ladder, as far as it has come. */
export type RungRecord =
  | { name: RungName; status: 'requested' }
  | ({ name: RungName; status: 'made' } & MadeRungDetail)
  /** There is none, nor will there be: the clip itself serves as well. */
  | { name: RungName; status: 'omitted'; reason: ErrorSummary }
  | { name: RungName; status: 'failed'; error: ErrorSummary };

/** What a clip's record tells of what is made of the finished file. The clip's status does not depend on it. */
export interface Derivatives {
  /** The execution whose file all of it is made of: the newest that has finished one. */
  derivedFrom?: ExecutionOrder;
  poster?: ClipPicture;
  /** One of each third of the clip, in its order. */
  thumbnails?: ClipPicture[];
  /** Why there are neither poster nor thumbnails. */
  thumbnailsError?: ErrorSummary;
  /** The rungs of the ladder: the clip itself first, then those that were asked for. */
  renditions?: RungRecord[];
}
