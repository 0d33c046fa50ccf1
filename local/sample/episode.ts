import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { BARCODE_LIMIT } from './barcode.ts';
import { feedUrl, runChild } from './child.ts';
import { composition } from './composition.ts';
import {
  fragmentPackager,
  hlsPackager,
  PLAYLIST,
  pictureInput,
  SOUND_ENCODER,
  soundInput,
  videoEncoder,
} from './encoding.ts';
import { type FrameRate, frameAtMs, frameTimeMs, parseFrameRate } from './frame-rate.ts';
import { type Gop, keyFramesOf } from './key-frames.ts';
import { drawScenery } from './scenery.ts';
import { splitFragments } from './split-fragments.ts';
import { drawStrips, stripLayout } from './strip.ts';
import { SAMPLE_RATE, voiceStream } from './voice.ts';

/** What the episode shall be like; everything has a default. */
export interface EpisodeSpec {
  /** Length in seconds; rounded down to whole frames. Default 180. */
  readonly seconds?: number;
  /** Picture size in pixels, even. Default 1280 × 720. */
  readonly width?: number;
  readonly height?: number;
  /** Frames per second as a fraction: `'30'`, `'30000/1001'`. Default `'30'`. */
  readonly fps?: string;
  /** How pictures depend on each other across key frames. Default `'closed'`. */
  readonly gop?: Gop;
  /** Distance of key frames, unless that is irregular. Default 2. */
  readonly gopSeconds?: number;
  /** Most B-frames in a row; 0 for none. Default 3. */
  readonly bframes?: number;
  /** Chunks end at the first key frame after so many seconds. Default 6. */
  readonly chunkSeconds?: number;
  /** MPEG transport stream or fragmented MP4. Default `'ts'`. */
  readonly container?: 'ts' | 'fmp4';
  /** Whether there is sound. Default true. */
  readonly audio?: boolean;
}

/** Where and with what an episode is made. */
export interface EpisodeOptions extends EpisodeSpec {
  /** Folder to write to; made if absent. */
  readonly dir: string;
  /** A name on the PATH or an absolute path. Default `ffmpeg`. */
  readonly ffmpegPath?: string;
  /** Ends the encoder when aborted. */
  readonly signal?: AbortSignal;
}

/** An episode on disk: an HLS VOD package. */
export interface Episode extends Required<Omit<EpisodeSpec, 'seconds'>> {
  readonly dir: string;
  readonly playlistPath: string;
  readonly frameCount: number;
  /** Rounded to whole milliseconds. */
  readonly durationMs: number;
}

/** The sample episode cannot be made: as specified, or at all. */
export class SampleError extends Error {
  override readonly name = 'SampleError';
  constructor(
    readonly code: 'INVALID_SPEC' | 'ENCODING_FAILED',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The spec with its defaults filled in. */
export function completeSpec(spec: EpisodeSpec): Required<EpisodeSpec> {
  return {
    seconds: spec.seconds ?? 180,
    width: spec.width ?? 1280,
    height: spec.height ?? 720,
    fps: spec.fps ?? '30',
    gop: spec.gop ?? 'closed',
    gopSeconds: spec.gopSeconds ?? 2,
    bframes: spec.bframes ?? 3,
    chunkSeconds: spec.chunkSeconds ?? 6,
    container: spec.container ?? 'ts',
    audio: spec.audio ?? true,
  };
}

/**
 * Makes the sample episode: `index.m3u8` with its chunks, H.264 High and AAC 48 kHz stereo. Every
 * frame shows its number and every piece of sound tells where it is from, so that a clip of it can
 * be judged without the episode. Nothing of it is kept in memory.
 *
 * Time 0 is the time stamp of the first frame. The sound's first packet comes 1024 samples before
 * it: the silence that every AAC encoder puts first.
 * @throws SampleError `INVALID_SPEC`, or `ENCODING_FAILED` with what ffmpeg said
 */
export async function makeEpisode(options: EpisodeOptions): Promise<Episode> {
  const { dir, ffmpegPath = 'ffmpeg', signal } = options;
  const { seconds, ...spec } = completeSpec(options);
  const rate = rateOf(spec.fps);
  const frameCount = Math.floor(frameAtMs(seconds * 1000, rate) + 1e-6);
  checkSpec(spec, frameCount);
  const durationMs = frameTimeMs(frameCount, rate);
  const keyFrames = keyFramesOf({ ...spec, frameCount }, rate);
  const isSplitByUs = spec.container === 'fmp4' && spec.gop === 'open';

  const strip = stripLayout(spec.width, spec.height);
  const layers = drawScenery(spec.width, spec.height - strip.height);
  const feeds = [drawStrips(strip, rate, frameCount), ...layers.map(({ rgba }) => once(rgba))];
  const inputs = [strip, ...layers].flatMap(({ width, height }, n) =>
    pictureInput(feedUrl(n), { format: n === 0 ? 'gray' : 'rgba', width, height }, spec.fps),
  );
  const outputs = [
    ...['-filter_complex', composition(layers, spec.fps), '-map', '[picture]'],
    ...videoEncoder(spec, keyFrames, rate),
  ];
  if (spec.audio) {
    inputs.push(...soundInput(feedUrl(feeds.length)));
    outputs.push('-map', `${feeds.length}:a`, ...SOUND_ENCODER);
    feeds.push(voiceStream(Math.round((durationMs / 1000) * SAMPLE_RATE)));
  }

  await mkdir(dir, { recursive: true });
  const { exitCode, stderr } = await runChild(
    ffmpegPath,
    [
      ...['-hide_banner', '-nostdin', '-v', 'error', '-y', ...inputs, ...outputs],
      ...(isSplitByUs ? fragmentPackager(WHOLE) : hlsPackager(spec)),
    ],
    { feeds, signal, cwd: dir },
  );
  if (exitCode !== 0) {
    throw new SampleError(
      'ENCODING_FAILED',
      `ffmpeg could not encode the sample episode; it must be 5.1 or later, with libx264. It said: ${stderr.trim()}`,
    );
  }
  if (isSplitByUs) {
    const { chunkSeconds } = spec;
    await splitFragments({ dir, file: WHOLE, keyFrames, frameCount, rate, chunkSeconds });
  }
  return {
    ...spec,
    dir,
    playlistPath: join(dir, PLAYLIST),
    frameCount,
    durationMs: Math.round(durationMs),
  };
}

/** Name of the episode in one piece, while it is made. */
const WHOLE = 'whole.mp4';

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

function rateOf(fps: string): FrameRate {
  try {
    return parseFrameRate(fps);
  } catch (cause) {
    throw new SampleError('INVALID_SPEC', (cause as Error).message, { cause });
  }
}

function checkSpec(spec: Omit<Required<EpisodeSpec>, 'seconds'>, frameCount: number): void {
  const { width, height, gopSeconds, chunkSeconds, bframes } = spec;
  const faults = [
    [frameCount < 1, 'it is shorter than one frame'],
    [frameCount > BARCODE_LIMIT, `it has more than the ${BARCODE_LIMIT} frames the barcode holds`],
    [width % 2 !== 0 || height % 2 !== 0, 'width and height must be even'],
    [width < 160 || height < 90, 'the picture must be at least 160 × 90'],
    [!(gopSeconds > 0 && chunkSeconds > 0), 'gopSeconds and chunkSeconds must be above 0'],
    [!Number.isInteger(bframes) || bframes < 0 || bframes > 16, 'bframes must be from 0 to 16'],
  ] as const;
  const found = faults.filter(([present]) => present).map(([, words]) => words);
  if (found.length > 0) {
    throw new SampleError(
      'INVALID_SPEC',
      `The sample episode cannot be made: ${found.join('; ')}.`,
    );
  }
}
