import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll } from 'vitest';
import { makeClip, type Span, smallEpisode } from '#shared/media/clip.fixture';
import { listenTo } from '#shared/media/sources/judged.fixture';
import { packageVideo } from './package-video.ts';

const folder = mkdtempSync(join(tmpdir(), 'splicebus-packaging-'));

export const ffmpeg = (...args: string[]) =>
  promisify(execFile)('ffmpeg', ['-v', 'error', '-y', ...args], { cwd: folder });
export const inFolder = (name: string) => join(folder, name);
export const packagedWithNotes = (name: string) =>
  packageVideo(inFolder(name), inFolder(`${name}.hls`));
export const packaged = async (name: string) => (await packagedWithNotes(name)).playlistFile;

export const FPS = 30;
/** Units a second of the sample's tracks as FFmpeg writes them, and of the movie. */
export const UNITS = { video: 15_360, audio: 48_000, movie: 48_000 };
export const FRAME = UNITS.video / FPS;

/** The streams of a package, as FFprobe sees them. */
export async function streamsOf(playlist: string): Promise<Record<string, unknown>[]> {
  const { stdout } = await promisify(execFile)('ffprobe', [
    ...['-v', 'error', '-show_streams', '-of', 'json', '-i', playlist],
  ]);
  return JSON.parse(stdout).streams;
}

/** Frames by their numbers, as a span of the episode holds them. */
export const framesFrom = (first: number, count: number) =>
  Array.from({ length: count }, (_, n) => first + n);

/** Cuts the package, and says what frames are in it and how late its audio is for that. */
export async function cut(playlistPath: string, span: Span, soundPlaylistPath?: string) {
  const { clipFile } = await makeClip({ playlistPath, soundPlaylistPath }, [span], folder);
  const sound = await listenTo(clipFile);
  return { clipFile, sound };
}

/** The first frame is shown after so many: two B-frames need one to wait. */
export const DELAY = 2;

/** Makes the sample as `whole.mp4`: 20 s of 30 frames, a key frame each second and a half, B-frames. */
export function useSample(): void {
  afterAll(() => rmSync(folder, { recursive: true }));
  beforeAll(async () => {
    const { playlistPath } = await smallEpisode({ fps: '30', gopSeconds: 1.5 });
    // From its first frame on: the sample has the priming of its audio before.
    await ffmpeg(
      ...['-i', playlistPath, '-c:v', 'libx264', '-preset', 'veryfast', '-crf', '16'],
      ...['-x264-params', 'keyint=45:min-keyint=45:scenecut=0:bframes=2', '-c:a', 'pcm_s16le'],
      ...['-vf', 'setpts=PTS-STARTPTS', '-fps_mode', 'passthrough'],
      ...['-af', 'atrim=start_sample=1024,asetpts=PTS-STARTPTS'],
      ...['-video_track_timescale', String(UNITS.video), 'first.mov'],
    );
    await ffmpeg(
      ...['-i', 'first.mov', '-c:v', 'copy', '-c:a', 'aac', '-b:a', '128k'],
      ...['-video_track_timescale', String(UNITS.video)],
      ...['-movie_timescale', String(UNITS.movie), 'whole.mp4'],
    );
  });
}
