import * as z from 'zod';
import { ffprobe } from '#shared/media/ffmpeg/run';
import {
  type Editing,
  type EditLists,
  editingOf,
  readEditLists,
  type TimedEdit,
} from './edit-lists.ts';
import { IngestError } from './ingest-error.ts';
import { withPlainEdits } from './plain-mp4.ts';

const streamSchema = z.looseObject({
  index: z.int(),
  /** In MP4 the id of the track, in hexadecimal digits. */
  id: z.string().optional(),
  codec_type: z.string().optional(),
  codec_name: z.string().optional(),
  pix_fmt: z.string().optional(),
  field_order: z.string().optional(),
  color_range: z.string().optional(),
  color_primaries: z.string().optional(),
  color_transfer: z.string().optional(),
  sample_aspect_ratio: z.string().optional(),
  width: z.int().optional(),
  height: z.int().optional(),
  avg_frame_rate: z.string().optional(),
  start_time: z.coerce.number().optional(),
  duration: z.coerce.number().optional(),
  sample_rate: z.coerce.number().optional(),
  channels: z.int().optional(),
  channel_layout: z.string().optional(),
  disposition: z
    .looseObject({ attached_pic: z.number().optional(), default: z.number().optional() })
    .optional(),
  tags: z.looseObject({}).optional(),
  side_data_list: z.array(z.looseObject({ displaymatrix: z.string().optional() })).optional(),
});

const probeSchema = z.object({
  streams: z.array(streamSchema),
  format: z.looseObject({ start_time: z.coerce.number().optional() }),
});

/** A stream as FFprobe describes it, and what the file's edit list does to it. */
export type SourceStream = z.output<typeof streamSchema> &
  Editing & {
    edits: readonly TimedEdit[];
    /** How long after the beginning of the file it begins. */
    lateSeconds: number;
  };

/** What a file holds that an episode can be made of. */
export interface SourceVideo {
  /** What FFmpeg reads: the user's file, or a copy of it. */
  file: string;
  picture?: SourceStream;
  audio: SourceStream[];
  /** Streams that do not become part of the episode. */
  others: SourceStream[];
  /** Where its edit list ends it, which is not followed. */
  ignoredEndSeconds?: number;
}

/**
 * @param folder where a copy of the file may go that FFmpeg reads better
 * @throws IngestError where there is nothing to make an episode of
 * @throws MediaToolError where the file cannot be read
 */
export async function probeVideo(file: string, folder: string): Promise<SourceVideo> {
  const lists = await readEditLists(file);
  if (lists.isEncrypted) {
    throw new IngestError(`${file} is encrypted, so it cannot be packaged: give it without DRM.`);
  }
  const editings = [...lists.byTrack.values()].map(editingOf);
  if (editings.some(({ hasOtherRate }) => hasOtherRate)) {
    throw new IngestError(
      `${file} shows some of itself at another speed (its edit list says so), which cannot be packaged: export it again.`,
    );
  }
  if (lists.isFragmented && editings.some(({ isCompound }) => isCompound)) {
    throw new IngestError(
      `${file} is a fragmented MP4 whose edit list shows several parts of a track, which cannot be packaged: export it as a plain MP4.`,
    );
  }
  const plain = await withPlainEdits(file, lists, folder);
  const given = await readStreams(file, lists);
  const streams = plain === file ? given : await readStreams(plain, await readEditLists(plain));
  const audio = streams.filter(isOfType('audio'));
  const picture = await choosePicture(plain, streams.filter(isOfType('video')), audio.length > 0);
  if (!picture && audio.length === 0) {
    throw new IngestError(`${file} holds neither video nor audio: give another file.`);
  }
  const others = [
    ...streams.filter((one) => isOfType('video')(one) && one !== picture),
    // A copy has only video and audio.
    ...given.filter((one) => !isOfType('video')(one) && !isOfType('audio')(one)),
  ];
  return {
    file: plain,
    ...(picture ? { picture } : {}),
    audio,
    others,
    ...(lists.isFragmented ? ignoredEndOf(given) : {}),
  };
}

/** Less is how durations are rounded, or a last frame of audio. */
const LEAST_END_SECONDS = 0.1;

/** Where an edit list ends a track early, which FFmpeg does not follow in fragmented files. */
function ignoredEndOf(streams: readonly SourceStream[]): { ignoredEndSeconds?: number } {
  const ends = streams.flatMap(({ edits, emptySeconds, start_time = 0, duration = 0 }) => {
    const shown = edits.at(-1)?.seconds;
    const end = emptySeconds + (shown || Number.POSITIVE_INFINITY);
    return start_time + duration - end > LEAST_END_SECONDS ? [end] : [];
  });
  return ends.length > 0 ? { ignoredEndSeconds: Math.min(...ends) } : {};
}

const isOfType =
  (type: 'video' | 'audio') =>
  ({ codec_type, disposition }: SourceStream): boolean =>
    codec_type === type && !disposition?.attached_pic;

/** @returns the video track that players begin with; none where audio has but a still with it */
async function choosePicture(
  file: string,
  tracks: readonly SourceStream[],
  hasAudio: boolean,
): Promise<SourceStream | undefined> {
  const picture = tracks.find(({ disposition }) => disposition?.default === 1) ?? tracks[0];
  return picture && hasAudio && (await isStill(file, picture)) ? undefined : picture;
}

/** Whether there is a single frame. */
async function isStill(file: string, { index }: SourceStream): Promise<boolean> {
  const { stdout } = await ffprobe([
    ...['-select_streams', String(index), '-read_intervals', '%+#2'],
    ...['-show_entries', 'packet=size', '-of', 'csv=p=0', '-i', file],
  ]);
  return stdout.trim().split('\n').length === 1;
}

async function readStreams(file: string, { byTrack }: EditLists): Promise<SourceStream[]> {
  const { stdout } = await ffprobe(['-show_streams', '-show_format', '-of', 'json', '-i', file]);
  const { streams, format } = probeSchema.parse(JSON.parse(stdout));
  return streams.map((stream) => {
    const edits = byTrack.get(Number(stream.id)) ?? [];
    const beginsAt = edits.length > 0 ? 0 : (format.start_time ?? 0);
    const lateSeconds = Math.max(0, (stream.start_time ?? 0) - beginsAt);
    const editing = editingOf(edits);
    return {
      ...stream,
      edits,
      ...editing,
      lateSeconds,
      emptySeconds: edits.length > 0 ? editing.emptySeconds : lateSeconds,
    };
  });
}

/** Whether the file holds frames or audio that its edit list hides: they are there for decoders only. */
export async function hasHiddenPackets(file: string, { index }: SourceStream): Promise<boolean> {
  const { stdout } = await ffprobe([
    ...['-select_streams', String(index), '-show_entries', 'packet=flags', '-of', 'csv=p=0'],
    ...['-i', file],
  ]);
  return stdout.includes('D');
}

/** What the file calls a stream: its language and its title, where it says so. */
export function namesOf({ tags = {} }: SourceStream): { language?: string; title?: string } {
  const tag = (name: string) => {
    const found = Object.entries(tags).find(([key]) => key.toLowerCase() === name)?.[1];
    const text = typeof found === 'string' ? found.replaceAll(/["\p{Cc}]/gu, ' ').trim() : '';
    return text === '' ? undefined : text;
  };
  const language = tag('language');
  const title = tag('title') ?? tag('name');
  return {
    ...(language && language !== 'und' ? { language } : {}),
    ...(title ? { title } : {}),
  };
}
