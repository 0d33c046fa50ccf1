import * as z from 'zod';
import type { EventDefinition } from './define-event.ts';
import { clipEndFields, EXAMPLE_CLIP_END, pictureSchema } from './fields.ts';

const schema = z.looseObject({
  ...clipEndFields,
  /** The best picture of the clip, in the clip's own size, no wider than 1280. */
  poster: pictureSchema,
  /** The best picture of each third of the clip, in its order, no wider than 320. */
  thumbnails: z.array(pictureSchema).min(1),
});

const FOLDER = `episode-42/clips/best-moment/thumbnails/${EXAMPLE_CLIP_END.executionId}`;
const thumbnail = (n: number, atMs: number) => ({
  s3Key: `${FOLDER}/thumbnail-${n}.jpg`,
  width: 320,
  height: 180,
  fileSizeBytes: 14_000 + n,
  atMs,
});

export const ThumbnailsMade = {
  detailType: 'ThumbnailsMade',
  source: 'nullcheck.clips.stitcher',
  meaning: 'A poster and three thumbnails of a finished clip lie in S3.',
  schema,
  example: {
    ...EXAMPLE_CLIP_END,
    poster: {
      s3Key: `${FOLDER}/poster.jpg`,
      width: 1280,
      height: 720,
      fileSizeBytes: 148_210,
      atMs: 9_633,
    },
    thumbnails: [thumbnail(1, 3_500), thumbnail(2, 9_633), thumbnail(3, 18_066)],
  },
} satisfies EventDefinition<typeof schema>;
