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
  width: z.int().optional(),
  height: z.int().optional(),
  avg_frame_rate: z.string().optional(),
  sample_rate: z.coerce.number().optional(),
  channels: z.int().optional(),
  channel_layout: z.string().optional(),
  disposition: z
    .looseObject({ attached_pic: z.number().optional(), default: z.number().optional() })
    .optional(),
  tags: z.looseObject({}).optional(),
  side_data_list: z.array(z.looseObject({ rotation: z.number().optional() })).optional(),
});

const probeSchema = z.object({ streams: z.array(streamSchema) });

/** A stream of frames or of audio, as FFprobe describes it, and what the file's edit list does to it. */
export type SourceStream = z.output<typeof streamSchema> &
  Editing & { edits: readonly TimedEdit[] };

/** What a file holds that an episode can be made of. */
export interface SourceVideo {
  /** What FFmpeg reads: the user's file, or a copy of it. */
  file: string;
  picture?: SourceStream;
  audio: SourceStream[];
}

/**
 * @param folder where a copy of the file may go that FFmpeg reads better
 * @throws IngestError where there is nothing to make an episode of
 * @throws MediaToolError where the file cannot be read
 */
export async function probeVideo(file: string, folder: string): Promise<SourceVideo> {
  const lists = await readEditLists(file);
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
  const streams = await readStreams(plain, plain === file ? lists : await readEditLists(plain));
  const ofType = (type: string) =>
    streams.filter((one) => one.codec_type === type && !one.disposition?.attached_pic);
  const [picture] = ofType('video');
  const audio = ofType('audio');
  if (!picture && audio.length === 0) {
    throw new IngestError(`${file} holds neither video nor audio: give another file.`);
  }
  return { file: plain, ...(picture ? { picture } : {}), audio };
}

async function readStreams(file: string, { byTrack }: EditLists): Promise<SourceStream[]> {
  const { stdout } = await ffprobe(['-show_streams', '-of', 'json', '-i', file]);
  return probeSchema.parse(JSON.parse(stdout)).streams.map((stream) => {
    const edits = byTrack.get(Number(stream.id)) ?? [];
    return { ...stream, edits, ...editingOf(edits) };
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
