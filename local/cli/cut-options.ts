import type * as z from 'zod';
import { type RequestedOptions, requestedOptionFields } from '#shared/events/cut-options';
import { UsageError } from './usage-error.ts';

/** The options that say how clips are made, as `parseArgs` takes them. */
export const CUT_OPTIONS = {
  cut: { type: 'string' },
  gaps: { type: 'string' },
  quality: { type: 'string' },
  audio: { type: 'string' },
  'audio-track': { type: 'string' },
  'audio-channels': { type: 'string' },
  deinterlace: { type: 'string' },
  'allow-hevc': { type: 'boolean' },
  hdr: { type: 'string' },
  strict: { type: 'boolean' },
} as const;

/** What --help says of them. */
export const CUT_USAGE = `\
  --cut HOW               exact (default), copy: from the nearest key frame, or reencode
  --gaps WHAT             of missing chunks: fail (default), skip, or black
  --quality WHICH         of a master playlist: best (default), or a height at most, such as 720
  --audio HOW             exact (default), or copy: AAC frames as they are
  --audio-track WHICH     of several: its language, its name, or its place, from 0
  --audio-channels WHICH  source (default), or stereo
  --deinterlace HOW       frame (default), field: one frame for each field, or off
  --allow-hevc            10 bits and HDR may stay so, as HEVC
  --hdr WHAT              keep (default; needs --allow-hevc), or tonemap
  --strict                a clip that is less than what was asked for fails`;

type Values = { [Name in keyof typeof CUT_OPTIONS]?: string | boolean | undefined };

/** The values each option takes, for the error about any other. */
const ALLOWED: Partial<Record<keyof typeof CUT_OPTIONS, string>> = {
  cut: 'exact, copy or reencode',
  gaps: 'fail, skip or black',
  quality: 'best or a height in pixels such as 720',
  audio: "exact or copy; a file with the episode's audio is --audio-file FILE",
  'audio-track': 'a language, a name of at most 100 characters, or a place, from 0',
  'audio-channels': 'source or stereo',
  deinterlace: 'frame, field or off',
  hdr: 'keep or tonemap',
};

/**
 * Reads them by the schema of a request.
 * @throws UsageError
 */
export function parseCutOptions(values: Values): RequestedOptions {
  const options: Record<string, unknown> = {};
  for (const name of Object.keys(CUT_OPTIONS) as (keyof typeof CUT_OPTIONS)[]) {
    const value = values[name];
    if (value === undefined) continue;
    const field = fieldOf(name);
    const schema: z.ZodType = requestedOptionFields[field];
    const isPlace = field === 'audioTrack' && /^\d{1,9}$/.test(String(value));
    const read = schema.safeParse(isPlace ? Number(value) : value);
    if (!read.success) {
      throw new UsageError(`--${name} takes ${ALLOWED[name]}, not "${value}".`);
    }
    options[field] = read.data;
  }
  return options;
}

/** `audio-track` is `audioTrack` in a request. */
const fieldOf = (name: string) =>
  name.replaceAll(/-(\w)/g, (_, letter: string) =>
    letter.toUpperCase(),
  ) as keyof typeof requestedOptionFields;
