import * as z from 'zod';
import type { Known } from './known.ts';
import { warningFields } from './warnings.ts';

// The boundary receipt: what was asked for and what came out, measured on what came out. Told by the
// events, kept in the clip's record, in short in the metadata of its file. docs/receipt.md is made from it.

const milliseconds = z.int().nonnegative();
const size = z.int().nonnegative();
const count = z.int().nonnegative();

/** How pictures came from the source into the clip, and what that did to its ends. */
const pictureFields = {
  /**
   * `copied`: none of the pictures was encoded. `smart`: some were, as a rule those next to a cut.
   * `reencoded`: all of them.
   */
  method: z.enum(['copied', 'smart', 'reencoded']).optional(),
  /** Why more had to be encoded than was asked for: one sentence, cut off after 300 bytes. */
  reason: z.string().optional(),
  /** Pictures that came out. */
  frameCount: count,
  /** How many of them were encoded. */
  framesEncoded: count,
  /** Pictures by which the first one is off what was asked for; negative is earlier. */
  firstFrameError: z.int(),
  /** As `firstFrameError`, of the last one. */
  lastFrameError: z.int(),
  /** Microseconds by which sound is late against the picture, beyond what it is in the source. */
  avOffsetUs: z.int().optional(),
};

export const segmentReceiptSchema = z.looseObject({
  /** The moments asked for: [startMs, endMs) of the episode. */
  requested: z.looseObject({
    /** Episode time. */
    startMs: milliseconds,
    /** Episode time. */
    endMs: milliseconds,
  }),
  /** What came out of them: where it lies in the episode, found by looking at the output. */
  achieved: z.looseObject({
    /** Episode time. */
    startUs: z.int(),
    /** Episode time. */
    endUs: z.int(),
    /** The first picture's number in the episode, from 0. Absent where the frame rate varies. */
    firstFrame: count.optional(),
    /** As `firstFrame`, of the last picture, which is in the clip. */
    lastFrame: count.optional(),
  }),
  ...pictureFields,
  /** `exact`: cut to the sample. `copied`: whole AAC frames. Absent without sound. */
  audio: z.enum(['exact', 'copied']).optional(),
  /** Which variant of a master playlist was read, by what the playlist says of it. */
  rendition: z
    .looseObject({
      /** Pixels. */
      height: z.int().positive().optional(),
      /** Bits per second. */
      bandwidth: z.int().positive().optional(),
    })
    .optional(),
  /** The chunks that the segment overlaps. */
  chunks: z.looseObject({
    /** Index in the playlist of the pictures, from 0. */
    first: count,
    /** Index in the playlist; the segment overlaps this one too. */
    last: count,
    /** Their size together; where sound has a playlist of its own, with that of its chunks. */
    bytes: size,
  }),
  /** All that was read from S3 for it: playlists, keys and neighbouring chunks too. */
  bytesRead: size,
  /** The chunks that were missing, the first 5 of them. */
  gaps: z
    .array(
      z.looseObject({
        /** Index in the playlist. */
        chunk: count,
        startMs: milliseconds,
        endMs: milliseconds,
        /** What the clip has instead: nothing, or black pictures and silence. */
        filled: z.enum(['skip', 'black']),
      }),
    )
    .optional(),
  /** How many more chunks were missing than `gaps` lists. */
  moreGaps: z.int().positive().optional(),
  ...warningFields,
  /** FFmpeg processes that were started. */
  processes: count,
  /** Milliseconds of each stage, by the clock on the wall. */
  stagesMs: z.looseObject({
    /** Reading from S3. */
    fetch: milliseconds,
    /** Finding the pictures and packets in the chunks. */
    index: milliseconds,
    /** Cutting, with what had to be encoded. */
    cut: milliseconds,
    /** Writing to S3. */
    upload: milliseconds,
    /** From the event to the result. */
    total: milliseconds,
  }),
});

export const clipReceiptSchema = z.looseObject({
  ...pictureFields,
  /** All that was read from S3 to cut its segments. */
  bytesRead: size,
  /** Putting the segments together: by copying, unless that is impossible. */
  join: z.looseObject({
    method: z.enum(['copied', 'reencoded']),
    reason: z.string().optional(),
  }),
  stagesMs: z.looseObject({
    fetch: milliseconds,
    join: milliseconds,
    upload: milliseconds,
    total: milliseconds,
  }),
  ...warningFields,
  /** The segments in their order, each with its own receipt. */
  segments: z
    .array(
      segmentReceiptSchema.extend({
        /** Where the segment begins in the clip. */
        clipStartUs: z.int().nonnegative(),
        /** From its first picture to the end of its last. */
        durationUs: z.int().positive(),
      }),
    )
    .min(1),
});

export type SegmentReceipt = Known<z.output<typeof segmentReceiptSchema>>;
export type ClipReceipt = Known<z.output<typeof clipReceiptSchema>>;

/** Values of the catalogue's examples. */
export const EXAMPLE_SEGMENT_RECEIPT = {
  requested: { startMs: 330_000, endMs: 345_500 },
  achieved: { startUs: 330_000_000, endUs: 345_500_000, firstFrame: 9_900, lastFrame: 10_364 },
  method: 'smart' as const,
  frameCount: 465,
  framesEncoded: 41,
  firstFrameError: 0,
  lastFrameError: 0,
  audio: 'exact' as const,
  avOffsetUs: 11,
  rendition: { height: 1080, bandwidth: 5_200_000 },
  chunks: { first: 55, last: 57, bytes: 9_874_512 },
  bytesRead: 9_921_204,
  processes: 3,
  stagesMs: { fetch: 310, index: 24, cut: 820, upload: 140, total: 1_320 },
};

const EXAMPLE_WARNINGS = [
  {
    code: 'CHANNELS_MIXED_DOWN' as const,
    message: 'The audio of the source has 6 channels, that of the clip has 2.',
    segmentIndex: 1,
  },
];

export const EXAMPLE_CLIP_RECEIPT = {
  method: 'smart' as const,
  reason: 'The source changes its parameter sets inside the segment.',
  frameCount: 697,
  framesEncoded: 273,
  firstFrameError: 0,
  lastFrameError: 0,
  avOffsetUs: 14,
  bytesRead: 14_907_331,
  join: { method: 'copied' as const },
  warnings: EXAMPLE_WARNINGS,
  stagesMs: { fetch: 160, join: 540, upload: 130, total: 850 },
  segments: [
    { ...EXAMPLE_SEGMENT_RECEIPT, clipStartUs: 0, durationUs: 15_500_000 },
    {
      requested: { startMs: 402_250, endMs: 410_000 },
      achieved: { startUs: 402_266_667, endUs: 410_000_000, firstFrame: 12_068, lastFrame: 12_299 },
      method: 'reencoded' as const,
      reason: 'The source changes its parameter sets inside the segment.',
      frameCount: 232,
      framesEncoded: 232,
      firstFrameError: 0,
      lastFrameError: 0,
      audio: 'exact' as const,
      avOffsetUs: 14,
      rendition: { height: 1080, bandwidth: 5_200_000 },
      chunks: { first: 67, last: 68, bytes: 4_951_008 },
      bytesRead: 4_986_127,
      warnings: EXAMPLE_WARNINGS,
      processes: 2,
      stagesMs: { fetch: 190, index: 15, cut: 3_410, upload: 90, total: 3_730 },
      clipStartUs: 15_500_000,
      durationUs: 7_733_333,
    },
  ],
};
