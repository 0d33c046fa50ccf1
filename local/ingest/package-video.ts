import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ffmpeg, MediaToolError } from '#shared/media/ffmpeg/run';
import { audioArguments, editedAudio } from './audio-arguments.ts';
import { IngestError } from './ingest-error.ts';
import { notesOn } from './notes.ts';
import { packageAudio } from './package-audio.ts';
import { type PicturePackaging, packagePicture } from './picture-arguments.ts';
import { probeVideo, type SourceStream, type SourceVideo } from './probe-video.ts';
import { audioName, MASTER_NAME, writeMaster } from './write-master.ts';

/** Streams that are packaged apart keep their times only if none of them begins before 0. */
const OFFSET_SECONDS = 10;

/** FFmpeg's options of HLS in chunks of about 6 s. */
const HLS = ['-f', 'hls', '-hls_time', '6', '-hls_playlist_type', 'vod', '-hls_list_size', '0'];

export interface PackagedVideo {
  /** The path of the playlist: a master playlist where there are several audio tracks. */
  playlistFile: string;
  /** What the episode lacks of the file, in a sentence each. */
  notes: string[];
}

/**
 * Packages a file of video, of audio, or of both as HLS, in chunks of about 6 s. What HLS players take as it is (H.264,
 * HEVC, AAC, AC-3) is copied; the rest is encoded. What a player shows of the file is the episode.
 * @throws IngestError
 */
export async function packageVideo(video: string, folder: string): Promise<PackagedVideo> {
  const copies = `${folder}.source`;
  for (const path of [folder, copies]) await emptyFolder(path);
  try {
    return await packageSource(await probeVideo(video, copies), folder, copies);
  } catch (error) {
    if (!(error instanceof MediaToolError)) throw error;
    const reason = [`${folder}/`, `${copies}/`]
      .reduce((lines, path) => lines.replaceAll(path, ''), error.lastLines)
      .replaceAll(video, 'the file');
    throw new IngestError(
      `${video} cannot be packaged as an episode: it is damaged, or nothing that FFmpeg reads (${reason || 'it said nothing'}).`,
    );
  } finally {
    await rm(copies, { recursive: true, force: true });
  }
}

async function emptyFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
}

async function packageSource(
  source: SourceVideo,
  folder: string,
  copies: string,
): Promise<PackagedVideo> {
  const { picture } = source;
  if (!picture) {
    return { playlistFile: await packageAudio(source, folder), notes: notesOn(source) };
  }
  const packaging = await packagePicture(source.file, picture, copies);
  const playlistFile = await packagePictures(source, picture, packaging, folder);
  return { playlistFile, notes: notesOn(source, packaging) };
}

async function packagePictures(
  { file, audio }: SourceVideo,
  picture: SourceStream,
  { input, output }: PicturePackaging,
  folder: string,
): Promise<string> {
  const compound = audio.filter((one) => one.isCompound);
  const graph = compound.map((one) => editedAudio(one, `1:${one.index}`, `edited${one.index}`));
  const hasApart = audio.length > 1;
  const sources = audio.map((one) => (one.isCompound ? `[edited${one.index}]` : `0:${one.index}`));
  const streams = [
    'v:0,agroup:a,name:video',
    ...audio.map((_, n) => `a:${n},agroup:a,name:${audioName(n)}`),
  ];
  await ffmpeg([
    ...[...input, '-i', file],
    ...(compound.length > 0 ? ['-ignore_editlist', '1', ...input, '-i', file] : []),
    ...(graph.length > 0 ? ['-filter_complex', graph.join(';')] : []),
    ...['-map', `0:${picture.index}`, ...output],
    ...sources.flatMap((source) => ['-map', source]),
    ...audio.flatMap(audioArguments),
    ...HLS,
    ...(hasApart
      ? [
          ...['-output_ts_offset', String(OFFSET_SECONDS), '-var_stream_map', streams.join(' ')],
          ...['-hls_segment_filename', join(folder, '%v_%05d.ts'), join(folder, '%v.m3u8')],
        ]
      : ['-hls_segment_filename', join(folder, 'chunk_%05d.ts'), join(folder, 'index.m3u8')]),
  ]);
  if (!hasApart) return join(folder, 'index.m3u8');
  await writeMaster(folder, { audio, picture });
  return join(folder, MASTER_NAME);
}
