import * as z from 'zod';
import type { EventDefinition } from './define-event.ts';
import { clipFields, EXAMPLE_CLIP } from './fields.ts';
import { clipReceiptSchema, EXAMPLE_CLIP_RECEIPT } from './receipt.ts';

const schema = z.looseObject({
  ...clipFields,
  s3Key: z.string().min(1),
  fileSizeBytes: z.int().positive(),
  durationMs: z.int().positive(),
  /** 0 where there is only sound. */
  frameCount: z.int().nonnegative(),
  ffmpegVersion: z.string().min(1),
  /** From the begin of the execution to the finished file. */
  totalProcessingMs: z.int().nonnegative(),
  /** What was asked for and what came out. */
  receipt: clipReceiptSchema,
  /** Whether a newer execution had already written the file, which was then left alone. */
  superseded: z.boolean(),
});

export const ClipStitched = {
  detailType: 'ClipStitched',
  source: 'nullcheck.clips.stitcher',
  meaning: 'The finished clip lies in S3.',
  schema,
  example: {
    ...EXAMPLE_CLIP,
    s3Key: 'episode-42/clips/best-moment/clip.mp4',
    fileSizeBytes: 8_912_345,
    durationMs: 23_233,
    frameCount: 697,
    ffmpegVersion: '5.1.9',
    totalProcessingMs: 6_400,
    receipt: EXAMPLE_CLIP_RECEIPT,
    superseded: false,
  },
} satisfies EventDefinition<typeof schema>;
