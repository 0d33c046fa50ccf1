import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { sampleEpisode } from '../harness/sample-episodes.ts';

const exec = promisify(execFile);

const ffmpeg = (...args: string[]) =>
  exec('ffmpeg', ['-hide_banner', '-nostdin', '-v', 'error', '-y', ...args]);

/** What people have on their disks, as far as one ten-second video can stand for it. */
const MAKERS = {
  /** The sample episode as an MP4: what is cut from it can be judged by the frame. */
  'talk.mp4': async (file: string) => {
    const { playlistPath } = await sampleEpisode('plain');
    // The default of milliseconds cannot express where the sound begins: it would be 16 samples off.
    await ffmpeg('-i', playlistPath, '-c', 'copy', '-movie_timescale', '48000', file);
  },
  /** An old camera held upright: MPEG-4 Part 2, odd sides, a rotation, no sound. */
  'Old Camera (2).mp4': async (file: string) => {
    const flat = `${file}.flat.mp4`;
    await ffmpeg(
      ...['-f', 'lavfi', '-i', 'testsrc=size=321x181:rate=24:duration=10'],
      ...['-c:v', 'mpeg4', '-q:v', '5', flat],
    );
    // FFmpeg 5 takes a rotation as metadata, later ones as an option of the input.
    const copy = ['-i', flat, '-c', 'copy'];
    await ffmpeg('-display_rotation', '-90', ...copy, file).catch(() =>
      ffmpeg(...copy, '-metadata:s:v', 'rotate=90', file),
    );
  },
  /** A screen recording: pictures come when something moves, and mono sound at a low rate. */
  'screen.mp4': (file: string) =>
    ffmpeg(
      ...['-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=30:duration=10'],
      ...['-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=22050:duration=10'],
      ...['-vf', "select='lt(mod(n,60),20)+not(mod(n,7))'", '-fps_mode', 'vfr'],
      ...['-c:v', 'libx264', '-preset', 'veryfast', '-pix_fmt', 'yuv420p', '-g', '40'],
      ...['-c:a', 'libmp3lame', '-ac', '1', file],
    ),
  /** The sample again, as broadcasters encode: key frames that are no IDR pictures (open GOP). */
  'broadcast.mp4': async (file: string) => {
    const { playlistPath } = await sampleEpisode('plain');
    await ffmpeg(
      ...['-i', playlistPath, '-c:a', 'copy', '-movie_timescale', '48000'],
      ...['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '18', '-fps_mode', 'passthrough'],
      // The default of whole frames would put the first picture 12 ms off its sound.
      ...['-enc_time_base', '1:48000'],
      ...['-x264-params', 'open-gop=1:keyint=48:min-keyint=48:scenecut=0:bframes=3', file],
    );
  },
  /** The sample with a tone as its first audio track, and its own audio as the second, in German. */
  'two-tracks.mp4': async (file: string) => {
    const { playlistPath } = await sampleEpisode('plain');
    await ffmpeg(
      ...['-i', playlistPath, '-f', 'lavfi', '-i', 'sine=sample_rate=48000:duration=24'],
      ...['-map', '0:v', '-map', '1:a', '-map', '0:a', '-c', 'copy', '-c:a:0', 'aac'],
      ...['-metadata:s:a:0', 'language=eng', '-metadata:s:a:1', 'language=deu'],
      ...['-movie_timescale', '48000', file],
    );
  },
  /** The audio of the sample. */
  'podcast.m4a': async (file: string) => {
    const { playlistPath } = await sampleEpisode('plain');
    await ffmpeg('-i', playlistPath, '-vn', '-c', 'copy', '-movie_timescale', '48000', file);
  },
} satisfies Record<string, (file: string) => Promise<unknown>>;

/** Makes a video in the folder. @returns its path */
export async function makeVideo(name: keyof typeof MAKERS, folder: string): Promise<string> {
  const file = join(folder, name);
  await MAKERS[name](file);
  return file;
}

/** What a player finds in a file. */
export interface Playback {
  readonly streams: string[];
  readonly width: number;
  readonly height: number;
  readonly seconds: number;
  readonly frameCount: number;
  /** What the strictest decoder complains of; empty if nothing. */
  readonly complaints: string;
}

/** Plays a whole file without showing it. */
export async function play(file: string): Promise<Playback> {
  const { stdout } = await exec('ffprobe', [
    ...['-v', 'error', '-count_frames', '-of', 'json', '-show_entries'],
    'format=duration:stream=codec_name,codec_type,width,height,nb_read_frames',
    file,
  ]);
  const { format, streams } = JSON.parse(stdout) as {
    format: { duration: string };
    streams: (Record<'codec_type' | 'codec_name' | 'nb_read_frames', string> &
      Record<'width' | 'height', number>)[];
  };
  const picture = streams.find(({ codec_type }) => codec_type === 'video')!;
  const { stderr } = await exec('ffmpeg', [
    ...['-v', 'error', '-xerror', '-err_detect', 'explode', '-i', file, '-f', 'null', '-'],
  ]).catch((error) => ({ stderr: String(error) }));
  return {
    streams: streams.map(({ codec_name }) => codec_name).sort(),
    width: picture.width,
    height: picture.height,
    seconds: Number(format.duration),
    frameCount: Number(picture.nb_read_frames),
    complaints: stderr,
  };
}
