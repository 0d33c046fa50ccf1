import * as z from 'zod';
import {
  type AudioTrackChoice,
  DEFAULT_OUTPUT,
  type OutputOptions,
} from '../media/output-options.ts';
import type { Known } from './known.ts';

/**
 * What happens to the pictures. `exact`: the clip holds precisely the pictures asked for; only those next
 * to a cut are encoded, the others are copied. `copy`: nothing is encoded, so each segment begins at the
 * nearest key frame and ends at the nearest frame up to which all are decoded without a later one, which is seldom
 * more than a few frames off; the receipt tells how many. `reencode`: as `exact`, with every picture encoded, to H.264.
 */
const cutSchema = z.enum(['exact', 'copy', 'reencode']);

/**
 * What happens to the sound. `exact`: cut to the sample and encoded once. `copy`: its AAC frames are taken
 * as they are, which is faster and puts each cut up to a frame off (21 ms at 48 kHz); frames that cannot be decoded,
 * and in clips of several segments those of HE-AAC, are made as by `exact`.
 */
const audioSchema = z.enum(['exact', 'copy']);

const QUALITY_HINT = 'must be "best" or a height in pixels such as 720 or "720p"';
const HEIGHT = /^([1-9]\d{1,3})p?$/;

/**
 * Which variant of a master playlist is cut: the `best`, or the best that is no higher than so many pixels,
 * told as 720, `"720"` or `"720p"`; the lowest where all are higher. Episodes with one variant have no choice.
 */
const qualitySchema = z
  .union([z.string(), z.number()], QUALITY_HINT)
  .transform((value, context): 'best' | number => {
    if (value === 'best') return value;
    const height = HEIGHT.exec(String(value))?.[1];
    if (height !== undefined) return Number(height);
    context.addIssue(QUALITY_HINT);
    return z.NEVER;
  });

/**
 * What happens where the episode lacks a chunk. `fail`: the clip fails, and the error names the chunk.
 * `skip`: the clip goes on with what comes after it, and is that much shorter. `black`: black pictures and
 * silence stand in for it. The receipt lists the gaps.
 */
const gapsSchema = z.enum(['fail', 'skip', 'black']);

/** What a clip may be offered in beside the size it was cut in: the length of its shorter side. */
export const RENDITION_NAMES = ['720p', '1080p'] as const;

export type RenditionName = (typeof RENDITION_NAMES)[number];

/**
 * In which sizes the finished clip is to be had, too: `720p` and `1080p`, the length of the shorter side in
 * pixels. Nothing is ever enlarged: where the clip itself is no larger, the rendition is left out.
 */
export const renditionsSchema = z
  .array(z.enum(RENDITION_NAMES))
  .transform((asked) => RENDITION_NAMES.filter((name) => asked.includes(name)));

/** Whether a clip that is less than what was asked for fails, with the code of its first [warning](errors.md#warnings). */
const strictSchema = z.boolean();

/**
 * Interlaced sources. `frame`: deinterlaced, one frame for each of the source's. `field`: deinterlaced, one frame for
 * each field. `off`: stays interlaced, and is flagged so.
 */
const deinterlaceSchema = z.enum(['frame', 'field', 'off']);

/** `source`: as many audio channels as the source has, where AAC can. `stereo`: two. */
const audioChannelsSchema = z.enum(['source', 'stereo']);

const AUDIO_TRACK_HINT =
  'must be a language such as "de", a name, or a place counted from 0 such as 1';

/**
 * Which audio track is taken, of several: by language (`"de"`), by name (`"Commentary"`) or by its place, from 0.
 * Absent: the one that players begin with. Where there is no such track, that one is taken, with a warning.
 */
const audioTrackSchema = z.union(
  [z.string().min(1).max(100), z.int().nonnegative()],
  AUDIO_TRACK_HINT,
);

/** Whether frames may come out as HEVC: 10 bits and HDR are kept only so. */
const allowHevcSchema = z.boolean();

/** HDR sources. `keep`: stays HDR where HEVC is allowed, else it becomes SDR with a warning. `tonemap`: becomes SDR. */
const hdrSchema = z.enum(['keep', 'tonemap']);

/** Events carry these only where they differ from the default, as events did before there was a choice. */
const optionalFields = {
  renditions: renditionsSchema.optional(),
  strict: strictSchema.optional(),
  deinterlace: deinterlaceSchema.optional(),
  audioChannels: audioChannelsSchema.optional(),
  audioTrack: audioTrackSchema.optional(),
  allowHevc: allowHevcSchema.optional(),
  hdr: hdrSchema.optional(),
};

/** The options as a request gives them, for all of its clips or for one of them: any may be absent. */
export const requestedOptionFields = {
  cut: cutSchema.optional(),
  audio: audioSchema.optional(),
  quality: qualitySchema.optional(),
  gaps: gapsSchema.optional(),
  ...optionalFields,
};

/** The options that a clip is made by, all of them decided. */
export const cutOptionsSchema = z.looseObject({
  cut: cutSchema,
  audio: audioSchema,
  quality: qualitySchema,
  gaps: gapsSchema,
  ...optionalFields,
});

export type RequestedOptions = z.output<z.ZodObject<typeof requestedOptionFields>>;
export type CutOptions = Known<z.output<typeof cutOptionsSchema>>;

/** The options among the fields of a request. */
export const requestedOptionsOf = (request: RequestedOptions): RequestedOptions =>
  Object.fromEntries(
    Object.keys(requestedOptionFields).map((name) => [
      name,
      request[name as keyof RequestedOptions],
    ]),
  );

/** What a request gets that asks for nothing else. */
export const DEFAULT_CUT_OPTIONS = {
  cut: 'exact',
  audio: 'exact',
  quality: 'best',
  gaps: 'fail',
} as const satisfies CutOptions;

/** What each of the options is that are absent where nothing else is asked for. */
export const DEFAULTS_WHERE_ABSENT = { strict: false, ...DEFAULT_OUTPUT } as const;

/**
 * Decides a clip's options: its own win over those of its request, and those over the defaults. Sound is
 * copied by default where pictures are: who asks for speed there wants it here.
 */
export function resolveCutOptions(
  ofClip: RequestedOptions,
  ofRequest: RequestedOptions,
): CutOptions {
  const renditions = ofClip.renditions ?? ofRequest.renditions ?? [];
  const cut = ofClip.cut ?? ofRequest.cut ?? DEFAULT_CUT_OPTIONS.cut;
  return {
    cut,
    audio: ofClip.audio ?? ofRequest.audio ?? (cut === 'copy' ? 'copy' : DEFAULT_CUT_OPTIONS.audio),
    quality: ofClip.quality ?? ofRequest.quality ?? DEFAULT_CUT_OPTIONS.quality,
    gaps: ofClip.gaps ?? ofRequest.gaps ?? DEFAULT_CUT_OPTIONS.gaps,
    ...(renditions.length > 0 ? { renditions } : {}),
    ...withoutDefaults({ ...given(ofRequest), ...given(ofClip) }),
  };
}

type OptionalOptions = Partial<OutputOptions> & { strict?: boolean; audioTrack?: AudioTrackChoice };

/** Those that are there, of the options that may be absent. */
function given(options: RequestedOptions): OptionalOptions {
  const { strict, deinterlace, audioChannels, audioTrack, allowHevc, hdr } = options;
  const all = { strict, deinterlace, audioChannels, audioTrack, allowHevc, hdr };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

const withoutDefaults = (options: OptionalOptions): OptionalOptions =>
  Object.fromEntries(
    Object.entries(options).filter(
      ([name, value]) => (DEFAULTS_WHERE_ABSENT as Record<string, unknown>)[name] !== value,
    ),
  );

/** How the media engine is to make the output. */
export function outputOf(options: CutOptions): OutputOptions {
  const { deinterlace, audioChannels, allowHevc, hdr } = {
    ...DEFAULT_OUTPUT,
    ...given(options),
  };
  return { deinterlace, audioChannels, allowHevc, hdr };
}

/**
 * The options that make another clip of the same moments: those that differ from the defaults, as
 * `name=value`, always in the same order. Renditions do not: they are made from the clip. Nor does `strict`, which
 * only decides whether a clip with warnings fails.
 */
export function changedOptions(options: CutOptions): string[] {
  const names = Object.keys(DEFAULT_CUT_OPTIONS) as (keyof typeof DEFAULT_CUT_OPTIONS)[];
  const { strict: _, audioTrack, ...output } = withoutDefaults(given(options));
  return [
    ...names
      .filter((name) => options[name] !== DEFAULT_CUT_OPTIONS[name])
      .map((name) => `${name}=${options[name]}`),
    ...Object.entries(output).map(([name, value]) => `${name}=${value}`),
    // As JSON, for the place 1 is another track than the one whose name is "1".
    ...(audioTrack === undefined ? [] : [`audioTrack=${JSON.stringify(audioTrack)}`]),
  ];
}
