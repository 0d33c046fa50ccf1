import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ffmpegPath, ffprobePath } from './run.ts';

const run = promisify(execFile);

/** What the pipeline uses of FFmpeg, and what to look for in which list of `ffmpeg -<list>`. */
const NEEDED = [
  { list: '-encoders', name: 'libx264', what: 'the H.264 encoder libx264' },
  { list: '-encoders', name: 'aac', what: 'the AAC encoder' },
  { list: '-encoders', name: 'flac', what: 'the FLAC encoder' },
  { list: '-encoders', name: 'mjpeg', what: 'the JPEG encoder mjpeg' },
  { list: '-encoders', name: 'libmp3lame', what: 'the MP3 encoder libmp3lame' },
  { list: '-bsfs', name: 'setts', what: 'the bitstream filter setts' },
] as const;

const MINIMUM = [5, 1] as const;

const HOW =
  'install it with "apt-get install -y ffmpeg" or "brew install ffmpeg", or set FFMPEG_PATH and FFPROBE_PATH';

/**
 * Looks whether FFmpeg and FFprobe are there, new enough and complete.
 * @returns the version, or one line that says what is wrong and how to get it right
 */
export async function checkMediaTools(): Promise<{ version: string } | { problem: string }> {
  for (const tool of [ffmpegPath(), ffprobePath()]) {
    try {
      await run(tool, ['-version']);
    } catch {
      return { problem: `${tool} was not found or does not start: ${HOW}.` };
    }
  }
  const version = await ffmpegVersion();
  if (!isNewEnough(version)) {
    return { problem: `FFmpeg ${version} is too old, 5.1 or newer is needed: ${HOW}.` };
  }
  for (const { list, name, what } of NEEDED) {
    const { stdout } = await run(ffmpegPath(), ['-hide_banner', list]);
    if (!stdout.split(/\s+/).includes(name)) {
      return { problem: `This FFmpeg lacks ${what}: ${HOW}.` };
    }
  }
  return { version };
}

let version: Promise<string> | undefined;

/** FFmpeg's version as it states it, e.g. `5.1.9`; asked once per process. */
export function ffmpegVersion(): Promise<string> {
  version ??= run(ffmpegPath(), ['-version']).then(
    ({ stdout }) => /^ffmpeg version n?(\d+(?:\.\d+)*)/.exec(stdout)?.[1] ?? stdout.slice(15, 47),
  );
  return version;
}

/** Builds from FFmpeg's main branch carry no number; they are newer than every release we need. */
function isNewEnough(text: string): boolean {
  const [major, minor = 0] = text.split('.').map(Number);
  if (major === undefined || Number.isNaN(major)) return true;
  return major > MINIMUM[0] || (major === MINIMUM[0] && minor >= MINIMUM[1]);
}
