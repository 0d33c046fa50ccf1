import * as z from 'zod';
import { RUNG_NAMES } from '../events/fields.ts';
import { clipReceiptSchema } from '../events/receipt.ts';
import type { RouteDefinition } from '../http/route.ts';
import { FILE_PROBLEMS } from './download-clip.ts';
import { describedAnswerFields, jobPathSchema, jobSchema, warningAnswerFields } from './fields.ts';

/** A file in the bucket. */
const fileSchema = z.object({
  s3Key: z.string(),
  /** Signed: anybody can read it there, for some hours. */
  url: z.string(),
  sizeBytes: z.int(),
});

const sizeFields = {
  /** Pixels, as they are shown. */
  width: z.int().optional(),
  height: z.int().optional(),
};

const pictureSchema = fileSchema.extend({
  ...sizeFields,
  /** When the clip shows it. */
  atMs: z.int(),
});

const reasonSchema = z.object({ code: z.string(), message: z.string() });

const renditionSchema = z.object({
  quality: z.enum(RUNG_NAMES),
  /** `omitted`: it would be no smaller than the clip. */
  state: z.enum(['requested', 'made', 'omitted', 'failed']),
  reason: reasonSchema.optional(),
  ...sizeFields,
  /** Pictures a second. */
  frameRate: z.number().optional(),
  /** Bits a second on average. */
  bitrate: z.int().optional(),
  codecs: z.string().optional(),
  mp4: fileSchema.optional(),
  /** S3 keys of the playlist and of the one file whose byte ranges it lists; `stream` serves them. */
  hls: z.object({ playlistKey: z.string(), mediaKey: z.string() }).optional(),
});

const metadataSchema = jobSchema.extend({
  ...describedAnswerFields,
  clip: fileSchema.extend({
    container: z.literal('mp4'),
    /** Hex, of the whole file. */
    sha256: z.string().optional(),
    durationMs: z.int().optional(),
    frameCount: z.int().optional(),
    video: z
      .object({
        codec: z.string(),
        width: z.int(),
        height: z.int(),
        /** Pictures a second on average. */
        frameRate: z.number(),
      })
      .optional(),
    audio: z
      .object({
        codec: z.string(),
        /** Hz */
        sampleRate: z.int(),
        channels: z.int(),
      })
      .optional(),
  }),
  poster: pictureSchema.optional(),
  thumbnails: z.array(pictureSchema),
  /** Why there are no pictures. */
  thumbnailsError: reasonSchema.optional(),
  renditions: z.array(renditionSchema),
  ...warningAnswerFields,
  receipt: clipReceiptSchema.optional(),
});

export const ClipMetadata = {
  operationId: 'clipMetadata',
  method: 'GET',
  path: '/api/v1/videos/jobs/{job_id}/metadata',
  summary: 'What the finished clip is, technically, and what there is of it.',
  access: 'tenant',
  pathSchema: jobPathSchema,
  answers: { 200: { description: 'All that is known of the file.', schema: metadataSchema } },
  problems: FILE_PROBLEMS,
} as const satisfies RouteDefinition;

export type MetadataAnswer = z.output<typeof metadataSchema>;
