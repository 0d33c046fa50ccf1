import { formatTime } from '#shared/time';
import { isCopied, MAX_CHANNELS, MAX_SAMPLE_RATE } from './audio-arguments.ts';
import {
  bitsOf,
  isInterlaced,
  isRgb,
  isTurned,
  MAX_BITS,
  type PicturePackaging,
  sizeOf,
} from './picture-arguments.ts';
import type { SourceStream, SourceVideo } from './probe-video.ts';

/**
 * What an episode lacks of the file that it is made of.
 * @param packaging of its frames
 * @returns a sentence each
 */
export function notesOn(
  { picture, audio, others, ignoredEndSeconds }: SourceVideo,
  packaging?: PicturePackaging,
): string[] {
  return [
    ...(picture && packaging && !packaging.isCopied ? notesOnEncoded(picture) : []),
    ...audio.flatMap((stream, n) =>
      notesOnAudio(stream, audio.length > 1 ? `Audio track ${n}` : 'The audio'),
    ),
    ...notesOnOthers(others, picture !== undefined),
    ...(ignoredEndSeconds === undefined
      ? []
      : [
          `The file's edit list ends it at ${formatTime(Math.round(ignoredEndSeconds * 1000))}: the episode goes on to the end of what is stored, as most players do.`,
        ]),
    ...(packaging && audio.length > 0 ? notesOnTimes(packaging) : []),
  ];
}

function notesOnEncoded(stream: SourceStream): string[] {
  const { pix_fmt = '', width, height, tags } = stream;
  const color = isRgb(stream) ? 'RGB' : SAMPLINGS.find(([form]) => form.test(pix_fmt))?.[1];
  const bits = bitsOf(stream);
  const size = sizeOf(stream);
  const isSmaller = size.width !== width || size.height !== height;
  return [
    ...(color ? [`Colour detail of the video is reduced from ${color} to 4:2:0.`] : []),
    ...(bits > MAX_BITS ? [`The video is reduced from ${bits} bits to ${MAX_BITS}.`] : []),
    ...(ALPHA.test(pix_fmt) || tags?.alpha_mode === '1'
      ? ['The video loses its transparency.']
      : []),
    ...(isSmaller
      ? [
          `The video becomes ${size.width}x${size.height} instead of ${width}x${height}: H.264 needs even sides.`,
        ]
      : []),
    ...(isInterlaced(stream) && isTurned(stream)
      ? ['The video becomes progressive: interlaced frames cannot be turned.']
      : []),
  ];
}

/** Names of pixel formats whose chroma is finer than 4:2:0, at least in one direction. */
const SAMPLINGS: readonly [RegExp, string][] = [
  [/444|^ayuv|^xv30|^xv36|^vuy/, '4:4:4'],
  [/440/, '4:4:0'],
  [/422|^nv16|^nv20|^p21|^y21/, '4:2:2'],
  [/^nv24|^nv42|^p41/, '4:4:4'],
  [/411/, '4:1:1'],
];

const ALPHA = /^(yuva|gbrap|ya\d|[ar]gba?64|bgra|rgba|argb|abgr|ayuv|vuya)/;

function notesOnAudio(stream: SourceStream, name: string): string[] {
  const { sample_rate: rate = 0, channels = 0 } = stream;
  const [from, to] = [rate, MAX_SAMPLE_RATE].map((hz) => `${hz / 1000} kHz`);
  if (isCopied(stream)) {
    return rate > MAX_SAMPLE_RATE
      ? [`Clips have audio of ${to} instead of ${from}, unless --audio copy keeps it.`]
      : [];
  }
  return [
    ...(rate > MAX_SAMPLE_RATE ? [`${name} is reduced from ${from} to ${to}.`] : []),
    ...(channels > MAX_CHANNELS
      ? [`${name} is reduced from ${channels} channels to ${MAX_CHANNELS}.`]
      : []),
  ];
}

function notesOnOthers(others: readonly SourceStream[], hasPicture: boolean): string[] {
  const counts = new Map<string, number>();
  for (const other of others) {
    const name = nameOf(other, hasPicture);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].map(([name, count]) =>
    count === 1 ? `The file's ${name} is left out.` : `The file's ${count} ${name}s are left out.`,
  );
}

function nameOf({ codec_type, disposition }: SourceStream, hasPicture: boolean): string {
  if (disposition?.attached_pic) return 'cover picture';
  if (codec_type === 'video') return hasPicture ? 'other video track' : 'single frame';
  return codec_type === 'attachment' ? 'attachment' : `${codec_type} track`;
}

/** Less is no more than how containers round. */
const LEAST_MS = 2;

function notesOnTimes({ skippedSeconds }: PicturePackaging): string[] {
  const ms = Math.round(skippedSeconds * 1000);
  if (ms < LEAST_MS) return [];
  return [
    `The video begins ${ms} ms after the audio: the episode begins with its first frame, so its times are ${ms} ms less than a player's.`,
  ];
}
