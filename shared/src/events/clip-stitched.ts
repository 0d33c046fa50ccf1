import * as z from 'zod';
import type { EventDefinition } from './define-event.ts';
import { clipFields, cutSchema, EXAMPLE_CLIP } from './fields.ts';

const schema = z.looseObject({
  ...clipFields,
  s3Key: z.string().min(1),
  fileSizeBytes: z.int().positive(),
  durationMs: z.int().positive(),
  frameCount: z.int().positive(),
  ffmpegVersion: z.string().min(1),
  /** From the begin of the execution to the finished file. */
  totalProcessingMs: z.int().nonnegative(),
  /** Absent in events from before it was told. */
  cut: cutSchema.optional(),
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
    durationMs: 23_250,
    frameCount: 697,
    ffmpegVersion: '5.1.9',
    totalProcessingMs: 6_400,
    cut: { method: 'smart', framesEncoded: 82 },
    superseded: false,
  },
} satisfies EventDefinition<typeof schema>;
