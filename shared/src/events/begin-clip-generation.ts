import * as z from 'zod';
import { idSchema, tenantIdSchema } from '../ids.ts';
import { parseTimeMs } from '../time.ts';
import { requestedOptionFields } from './cut-options.ts';
import { type EventDefinition, UPSTREAM_SOURCE } from './define-event.ts';
import { describedFields } from './fields.ts';

/** `HH:MM:SS[.mmm]` or seconds as a number; becomes integer milliseconds. */
const timeSchema = z.union([z.string(), z.number()]).transform((value, context) => {
  const ms = parseTimeMs(value);
  if (ms !== undefined) return ms;
  context.addIssue('must be a time such as "00:01:30.500", or seconds such as 90.5');
  return z.NEVER;
});

const segmentRequestSchema = z
  .looseObject({
    startTime: timeSchema,
    endTime: timeSchema,
    speaker: z.string().max(500).optional(),
    text: z.string().max(10_000).optional(),
  })
  .refine((segment) => segment.endTime > segment.startTime, {
    path: ['endTime'],
    message: 'must be later than startTime',
  });

/** One clip as upstream asks for it, in the event, in a recommendations file or as a `detected` item. */
export const clipRequestSchema = z.looseObject({
  /** Absent: derived from track, segments and options, so that the same wish is the same clip. */
  clipId: idSchema.optional(),
  segments: z.array(segmentRequestSchema).min(1, 'must hold at least one segment'),
  ...describedFields,
  // These win over the request's.
  ...requestedOptionFields,
});

/** A clip as it was sent, without what no schema knows. What is no object stays what it is. */
export function knownFieldsOf(clip: unknown): unknown {
  const known = pick(clip, clipRequestSchema.shape);
  const { segments } = Object(known) as { segments?: unknown };
  if (!Array.isArray(segments)) return known;
  const fields = segmentRequestSchema.shape;
  return { ...Object(known), segments: segments.map((segment) => pick(segment, fields)) };
}

function pick(value: unknown, fields: object): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const names = Object.keys(fields);
  return Object.fromEntries(Object.entries(value).filter(([name]) => names.includes(name)));
}

export type ClipRequest = z.output<typeof clipRequestSchema>;

/**
 * The envelope of a request. Clips are checked one by one against {@link clipRequestSchema}, so that
 * one bad clip never stops its siblings.
 */
const schema = z.looseObject({
  tenantId: tenantIdSchema,
  episodeId: idSchema,
  trackName: idSchema.default('main'),
  clips: z.array(z.unknown()).optional(),
  // For all clips that do not say otherwise.
  ...requestedOptionFields,
  /** Names the request where its producer may publish it twice: the same id of the same episode is the same execution. */
  requestId: z.string().min(1).max(256).optional(),
});

export const BeginClipGeneration = {
  detailType: 'Begin Clip Generation',
  source: UPSTREAM_SOURCE,
  meaning:
    'Somebody wants clips of an episode. Without `clips`, those the table holds as `detected` are made.',
  schema,
  example: {
    tenantId: 'acme',
    episodeId: 'episode-42',
    trackName: 'main',
    quality: '720p',
    clips: [
      {
        clipId: 'best-moment',
        segments: [
          {
            startTime: '00:05:30',
            endTime: '00:05:45.500',
            speaker: 'Ada',
            text: 'And then it flew.',
          },
          { startTime: 402.25, endTime: 410 },
        ],
        gaps: 'skip' as const,
      },
    ],
  },
} satisfies EventDefinition<typeof schema>;
