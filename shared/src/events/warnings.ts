import * as z from 'zod';
import { WARNING_CODES } from '../media/warnings.ts';
import type { Known } from './known.ts';

/**
 * One way in which a clip is not all that was asked for. `clip/list-warnings.ts` says how many of them are listed, and
 * how long a message gets.
 */
export const clipWarningSchema = z.looseObject({
  code: z.enum(WARNING_CODES),
  /** A sentence for people. */
  message: z.string(),
  /** The segment's place in the clip, from 0. */
  segmentIndex: z.int().nonnegative(),
  /** Episode time at which it begins; absent where it concerns all of the segment. */
  atMs: z.int().nonnegative().optional(),
});

export type ClipWarning = Known<z.output<typeof clipWarningSchema>>;

/** Where warnings are listed. Absent: there are none. */
export const warningFields = {
  /** In what the output is less than what was asked for; absent where it is not. */
  warnings: z.array(clipWarningSchema).optional(),
  /** How many more warnings there are than `warnings` lists. */
  moreWarnings: z.int().positive().optional(),
};

/** A list of warnings, and how many it leaves out. */
export interface ListedWarnings {
  warnings?: ClipWarning[];
  moreWarnings?: number;
}

/** The warnings of something that lists them, for something else that lists them too. */
export const warningsOf = ({ warnings, moreWarnings }: ListedWarnings): ListedWarnings => ({
  ...(warnings ? { warnings } : {}),
  ...(moreWarnings ? { moreWarnings } : {}),
});
