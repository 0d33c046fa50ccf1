import * as z from 'zod';
import type { EventDefinition } from './define-event.ts';
import { clipFields, EXAMPLE_CLIP } from './fields.ts';
import type { Known } from './known.ts';
import { clipReceiptSchema, EXAMPLE_CLIP_RECEIPT } from './receipt.ts';
import { warningFields } from './warnings.ts';

const mediaSchema = z.looseObject({
  /** Absent where there is only sound. */
  video: z
    .looseObject({
      /** As in RFC 6381, for players. */
      codec: z.string().min(1),
      /** Pixels, as they are shown. */
      width: z.int().positive(),
      /** As `width`. */
      height: z.int().positive(),
      /** Pictures a second on average. */
      frameRate: z.number().positive(),
    })
    .optional(),
  /** Absent where there are only pictures. */
  audio: z
    .looseObject({
      /** As in RFC 6381, for players. */
      codec: z.string().min(1),
      /** Hz */
      sampleRate: z.int().positive(),
      channels: z.int().positive(),
    })
    .optional(),
});

/** What a finished clip holds. */
export type ClipMedia = Known<z.output<typeof mediaSchema>>;

const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/);

const schema = z.looseObject({
  ...clipFields,
  s3Key: z.string().min(1),
  fileSizeBytes: z.int().positive(),
  /** SHA-256 of the file, in hexadecimal digits. */
  sha256: sha256Schema.optional(),
  durationMs: z.int().positive(),
  /** 0 where there is only sound. */
  frameCount: z.int().nonnegative(),
  /** What the file holds. */
  media: mediaSchema.optional(),
  ffmpegVersion: z.string().min(1),
  /** From the begin of the execution to the finished file. */
  totalProcessingMs: z.int().nonnegative(),
  /** What was asked for and what came out. */
  receipt: clipReceiptSchema,
  ...warningFields,
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
    sha256: '5d1f0a7be0e5c6a3a9a0f8f6f3f4f1f7c0d9e3b2a1908f7e6d5c4b3a29181706',
    durationMs: 23_233,
    frameCount: 697,
    media: {
      video: { codec: 'avc1.640028', width: 1920, height: 1080, frameRate: 30 },
      audio: { codec: 'mp4a.40.2', sampleRate: 48_000, channels: 2 },
    },
    ffmpegVersion: '5.1.9',
    totalProcessingMs: 6_400,
    receipt: EXAMPLE_CLIP_RECEIPT,
    warnings: EXAMPLE_CLIP_RECEIPT.warnings,
    superseded: false,
  },
} satisfies EventDefinition<typeof schema>;
