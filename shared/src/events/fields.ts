import * as z from 'zod';
import { ERROR_CODES } from '../errors.ts';
import { idSchema, tenantIdSchema } from '../ids.ts';
import { RENDITION_NAMES } from './cut-options.ts';
import type { Known } from './known.ts';
import { EXAMPLE_SEGMENT_RECEIPT, segmentReceiptSchema } from './receipt.ts';

// Fields that several events share. Objects are loose: upstream evolves, and what we do not know is
// kept and passed on rather than refused.

/** What people call a clip. */
export const describedFields = {
  title: z.string().max(200).optional(),
  description: z.string().max(2_000).optional(),
};

export const executionIdSchema = z.string().regex(/^[0-9a-f]{32}$/, 'must be an executionId');

const metaSchema = z.looseObject({
  /** The same for every publication of this event: see identity.ts. */
  eventId: z.string().min(1),
  /** The begin event everything goes back to; survives replays and S3 events, unlike the X-Ray header. */
  correlationId: z.string().min(1),
  /** The eventId of the event this one follows from. */
  causationId: z.string().min(1),
  schemaVersion: z.literal(1),
  occurredAt: z.iso.datetime(),
});

/** What every event of ours carries. */
export const executionFields = {
  tenantId: tenantIdSchema,
  episodeId: idSchema,
  executionId: executionIdSchema,
  /** When the execution began: of two executions of a clip, the later wins. */
  executionStartedAt: z.iso.datetime(),
  meta: metaSchema,
};

/** What says which clip of which execution. */
export const clipEndFields = {
  ...executionFields,
  clipId: idSchema,
};

export const clipFields = {
  ...clipEndFields,
  segmentCount: z.int().positive(),
};

export const segmentFields = {
  ...clipFields,
  segmentIndex: z.int().nonnegative(),
};

export const errorSchema = z.looseObject({
  // Without a message of its own, a refusal would list all of them.
  code: z.enum(ERROR_CODES, 'must be one of the codes in docs/errors.md'),
  message: z.string(),
});

/** The moments asked for, half-open: [startMs, endMs). */
export const spanFields = {
  startMs: z.int().nonnegative(),
  endMs: z.int().positive(),
};

/**
 * One extracted segment, as the stitcher needs it. Its files are found by the ids of the event
 * (`objectKeys.segment`), never by a key that an event names.
 */
export const extractedSegmentSchema = z.looseObject({
  /** Whether there is a file with its pictures. */
  hasPicture: z.boolean(),
  /** Whether there is a file with its sound. */
  hasAudio: z.boolean(),
  /** `exact`: cut to the sample. `copied`: whole AAC frames of the source. Absent without sound. */
  audio: z.enum(['exact', 'copied']).optional(),
  /** What its file holds. Exact sound is encoded at once where the clip has no other segment. */
  audioFormat: z.enum(['flac', 'aac']).optional(),
  /** Of copied sound: when its first frame begins, in microseconds from the first picture; negative: before. */
  audioStartUs: z.int().optional(),
  ...spanFields,
  /** 0 where there is only sound. */
  frameCount: z.int().nonnegative(),
  /** From the first frame to the end of the last, in microseconds. */
  durationUs: z.int().positive(),
  /** What was asked for and what came out. */
  receipt: segmentReceiptSchema,
});

/** The rungs of a clip's HLS ladder: the clip as it was cut, and its renditions. */
export const RUNG_NAMES = ['source', ...RENDITION_NAMES] as const;

export type RungName = (typeof RUNG_NAMES)[number];

/** What says which rung of the ladder of which finished clip. */
export const rungFields = {
  ...clipEndFields,
  /** `source` is the clip as it was cut; the others, see [options](#options). */
  rendition: z.enum(RUNG_NAMES),
};

/** A picture taken out of a finished clip: a JPEG. */
export const pictureSchema = z.looseObject({
  s3Key: z.string().min(1),
  /** Pixels. */
  width: z.int().positive(),
  /** Pixels. */
  height: z.int().positive(),
  fileSizeBytes: z.int().positive(),
  /** When the clip shows it. */
  atMs: z.int().nonnegative(),
});

export type ExtractedSegment = Known<z.output<typeof extractedSegmentSchema>>;
export type ClipPicture = Known<z.output<typeof pictureSchema>>;
export type Meta = z.output<typeof metaSchema>;

/** Values of the catalogue's examples. */
export const EXAMPLE_EXECUTION = {
  tenantId: 'acme',
  episodeId: 'episode-42',
  executionId: '9f2c4b7e1a5d4c3f8e6b0a1d2c3e4f5a',
  executionStartedAt: '2026-03-01T12:00:00.000Z',
  meta: {
    eventId: '5b1f0c2d3e4f5a6b7c8d9e0f1a2b3c4d',
    correlationId: '6f9619ff-8b86-d011-b42d-00c04fc964ff',
    causationId: '6f9619ff-8b86-d011-b42d-00c04fc964ff',
    schemaVersion: 1 as const,
    occurredAt: '2026-03-01T12:00:00.250Z',
  },
};

export const EXAMPLE_CLIP_END = { ...EXAMPLE_EXECUTION, clipId: 'best-moment' };

export const EXAMPLE_CLIP = { ...EXAMPLE_CLIP_END, segmentCount: 2 };

export const EXAMPLE_EXTRACTED = {
  hasPicture: true,
  hasAudio: true,
  audio: 'exact' as const,
  startMs: 330_000,
  endMs: 345_500,
  frameCount: 465,
  durationUs: 15_500_000,
  receipt: EXAMPLE_SEGMENT_RECEIPT,
};
