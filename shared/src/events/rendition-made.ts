import * as z from 'zod';
import { VIDEO_RANGES } from '../media/codecs/colour.ts';
import type { EventDefinition } from './define-event.ts';
import { EXAMPLE_CLIP_END, rungFields } from './fields.ts';
import type { Known } from './known.ts';

/** What there is of a rung, beside its name. */
const madeRungSchema = z.looseObject({
  /** The MP4: of `source`, the clip itself. */
  s3Key: z.string().min(1),
  fileSizeBytes: z.int().positive(),
  /** HLS: a media playlist, which names its one file relative to itself. */
  playlistKey: z.string().min(1),
  /** HLS: that one file, fragmented MP4, of which the playlist tells byte ranges. */
  mediaKey: z.string().min(1),
  /** Pixels, as they are shown; absent where there is only sound. */
  width: z.int().positive().optional(),
  /** As `width`. */
  height: z.int().positive().optional(),
  /** Pictures a second on average. */
  frameRate: z.number().positive().optional(),
  /** Bits a second on average, of the HLS chunks. */
  bitrate: z.int().positive(),
  /** Bits a second of the chunk with the most. */
  peakBitrate: z.int().positive(),
  /** As in RFC 6381, for players. */
  codecs: z.string().min(1),
  /** Its dynamic range, for players; absent where there is only sound, or it is not known. */
  videoRange: z.enum(VIDEO_RANGES).optional(),
});

export type MadeRungDetail = Known<z.output<typeof madeRungSchema>>;

/** What an event tells of the rung itself, and nothing else. */
export const madeRungOf = (detail: MadeRungDetail): MadeRungDetail =>
  z.object(madeRungSchema.shape).parse(detail);

const schema = z.looseObject({ ...rungFields, ...madeRungSchema.shape });

const FOLDER = `episode-42/clips/best-moment/renditions/${EXAMPLE_CLIP_END.executionId}`;

export const RenditionMade = {
  detailType: 'RenditionMade',
  source: 'nullcheck.clips.stitcher',
  meaning: 'A finished clip lies in S3 as a rung of its ladder: as an MP4 and as HLS.',
  schema,
  example: {
    ...EXAMPLE_CLIP_END,
    rendition: '720p' as const,
    s3Key: `${FOLDER}/720p.mp4`,
    fileSizeBytes: 5_120_331,
    playlistKey: `${FOLDER}/720p.m3u8`,
    mediaKey: `${FOLDER}/720p.m4s`,
    width: 1280,
    height: 720,
    frameRate: 30,
    bitrate: 1_764_210,
    peakBitrate: 2_410_118,
    codecs: 'avc1.64001f,mp4a.40.2',
    videoRange: 'SDR' as const,
  },
} satisfies EventDefinition<typeof schema>;
