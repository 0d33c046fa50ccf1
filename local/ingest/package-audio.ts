import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ffmpeg, ffprobe } from '#shared/media/ffmpeg/run';
import { readBox } from '#shared/media/mp4/boxes';
import { audioArguments, editedAudio, isCopied } from './audio-arguments.ts';
import type { SourceStream, SourceVideo } from './probe-video.ts';
import { audioName, MASTER_NAME, writeMaster } from './write-master.ts';

/** What FFmpeg's AAC encoder puts in front, in samples. */
const ENCODER_PRIMING = 1024;

/**
 * Packages a file of audio alone as HLS of fragmented MP4, each of its tracks apart: there, an edit list says what of the
 * beginning is only there for the decoder, so that times are a player's.
 * @returns the path of the playlist
 */
export async function packageAudio({ file, audio }: SourceVideo, folder: string): Promise<string> {
  const hasSeveral = audio.length > 1;
  for (const [n, stream] of audio.entries()) {
    await packageTrack(file, stream, folder, hasSeveral ? audioName(n) : 'index');
  }
  if (!hasSeveral) return join(folder, 'index.m3u8');
  await writeMaster(folder, { audio });
  return join(folder, MASTER_NAME);
}

async function packageTrack(
  file: string,
  stream: SourceStream,
  folder: string,
  name: string,
): Promise<void> {
  // What comes late is silent until then: the first sound is where time begins.
  const isLate = stream.emptySeconds > 0 && !stream.isCompound;
  const hasEdits = stream.edits.length > 0;
  const copied = isCopied(stream) && !isLate;
  const init = `${name}_init.mp4`;
  await ffmpeg([
    ...(stream.isCompound ? ['-ignore_editlist', '1'] : isLate && hasEdits ? ['-copyts'] : []),
    ...['-i', file],
    ...(stream.isCompound
      ? ['-filter_complex', editedAudio(stream, `0:${stream.index}`, 'edited'), '-map', '[edited]']
      : ['-map', `0:${stream.index}`]),
    ...(isLate ? ['-af', 'aresample=async=1:first_pts=0'] : []),
    ...audioArguments({ ...stream, ...(copied ? {} : { codec_name: 'encoded' }) }, 0),
    // Of a transport stream or of raw AAC, it comes with headers that MP4 does not have.
    ...(copied && stream.codec_name === 'aac' ? ['-bsf:a', 'aac_adtstoasc'] : []),
    ...['-f', 'hls', '-hls_time', '6', '-hls_playlist_type', 'vod', '-hls_list_size', '0'],
    ...['-hls_segment_type', 'fmp4', '-hls_fmp4_init_filename', init],
    ...['-hls_segment_filename', join(folder, `${name}_%05d.m4s`), join(folder, `${name}.m3u8`)],
  ]);
  const priming = copied ? await primingOf(file, stream) : ENCODER_PRIMING;
  await setMediaTime(join(folder, init), priming);
}

/** How much of what is copied lies before the time at which players begin, in samples. */
async function primingOf(file: string, { index, sample_rate = 48_000 }: SourceStream) {
  const { stdout } = await ffprobe([
    ...['-select_streams', String(index), '-read_intervals', '%+#1'],
    ...['-show_entries', 'packet=pts_time', '-of', 'csv=p=0', '-i', file],
  ]);
  const seconds = Number.parseFloat(stdout);
  return seconds < 0 ? Math.round(-seconds * sample_rate) : 0;
}

/** Writes into an init section from where on its one track is heard, in units of the track. */
async function setMediaTime(initFile: string, mediaTime: number): Promise<void> {
  const bytes = await readFile(initFile);
  const at = mediaTimePlace(bytes, 0, bytes.length);
  if (at === undefined) throw new Error(`${initFile} has no edit list`);
  bytes.writeInt32BE(mediaTime, at);
  await writeFile(initFile, bytes);
}

const PARENTS = ['moov', 'trak', 'edts'];
/** Behind `version` and `flags`, the number of entries, and the duration of the first. */
const MEDIA_TIME_AT = 12;

function mediaTimePlace(bytes: Buffer, from: number, to: number): number | undefined {
  for (let at = from; at < to; ) {
    const box = readBox(bytes, at, to);
    if (!box) return undefined;
    if (box.type === 'elst') return box.bodyAt + MEDIA_TIME_AT;
    if (PARENTS.includes(box.type)) {
      const found = mediaTimePlace(bytes, box.bodyAt, box.end);
      if (found !== undefined) return found;
    }
    at = box.end;
  }
  return undefined;
}
