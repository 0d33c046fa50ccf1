import { chromium, type Page } from 'playwright-core';
import { BARCODE_HEIGHT_SHARE, BARCODE_THUMB, readBarcode } from '../sample/barcode.ts';
import { type FrameRate, frameTimeMs, parseFrameRate } from '../sample/frame-rate.ts';
import { serveClip } from './clip-server.ts';
import { findChromium, HOW_TO_INSTALL } from './find-chromium.ts';

export interface PlaybackOptions {
  /** Frames per second as a fraction: `'30'`, `'30000/1001'`. */
  readonly fps: string;
  /** Default: what {@link findChromium} finds. */
  readonly chromiumPath?: string;
  /** For fragmented MP4, which the page hands to the browser as a player of HLS does. */
  readonly chunks?: {
    /** As in RFC 6381. */
    readonly codecs: string;
    /** When the first picture is shown, by the fragments' own clock. */
    readonly firstPictureSeconds: number;
  };
}

/** The frame that is shown after a seek. */
export interface ShownFrame {
  /** When it is shown, in the clip's own time. */
  readonly mediaSeconds: number;
  /** The number it bears, if it is one of the sample episode's. */
  readonly number: number | undefined;
}

/** What a browser made of a clip. */
export interface Playback {
  /** All that went wrong, in words; empty for a clip that plays. */
  readonly faults: readonly string[];
  readonly durationSeconds: number;
  /** Per join the last frame before it and the first after it. */
  readonly joins: readonly { readonly before: ShownFrame; readonly after: ShownFrame }[];
}

/** Seeing how a join plays begins and ends so far from it. */
const AROUND_SECONDS = 0.4;
/** Chromium counts media time in microseconds. */
const ROUNDING_SECONDS = 0.0015;
/** More than any clip of a test takes; a browser that hangs must not hang the test. */
const LIMIT_MS = 120_000;

/**
 * Has Chromium play a clip: seeks to just before and just after each join, where the right frame must
 * be shown, and then plays over all of them, where it must not wait.
 * @param joinsSeconds where segments meet: when the first frame of each but the first is shown
 * @throws Error when there is no Chromium
 */
export async function playsThrough(
  clipPath: string,
  joinsSeconds: readonly number[],
  options: PlaybackOptions,
): Promise<Playback> {
  const executablePath = options.chromiumPath ?? (await findChromium());
  if (!executablePath) throw new Error(HOW_TO_INSTALL);
  const server = await serveClip(clipPath);
  // As root, in a container, Chromium's own sandbox cannot start; the only page is ours.
  const browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--autoplay-policy=no-user-gesture-required'],
  });
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(LIMIT_MS);
    await page.goto(server.url + (options.chunks ? `?${queryOf(options.chunks)}` : ''));
    return await play(page, joinsSeconds, parseFrameRate(options.fps));
  } catch (error) {
    return { faults: [`Chromium: ${(error as Error).message}`], durationSeconds: 0, joins: [] };
  } finally {
    await browser.close();
    await server.close();
  }
}

const queryOf = ({ codecs, firstPictureSeconds }: NonNullable<PlaybackOptions['chunks']>) =>
  new URLSearchParams({ codecs, firstPictureSeconds: String(firstPictureSeconds) });

async function play(
  page: Page,
  joinsSeconds: readonly number[],
  rate: FrameRate,
): Promise<Playback> {
  const faults: string[] = [];
  const { durationSeconds } = await inPage<{ durationSeconds: number }>(page, 'describe()');
  const frameSeconds = frameTimeMs(1, rate) / 1000;
  const joins: { before: ShownFrame; after: ShownFrame }[] = [];
  const seek = async (frameStartSeconds: number) => {
    const shown = await shownAt(page, frameStartSeconds + frameSeconds / 2);
    const error = shown.mediaSeconds - frameStartSeconds;
    if (Math.abs(error) > ROUNDING_SECONDS) {
      const at = frameStartSeconds.toFixed(3);
      faults.push(
        `a seek to the frame at ${at} s shows the one at ${shown.mediaSeconds.toFixed(3)} s`,
      );
    }
    return shown;
  };
  for (const join of joinsSeconds) {
    joins.push({ before: await seek(join - frameSeconds), after: await seek(join) });
  }
  const fromSeconds = Math.max(0, (joinsSeconds[0] ?? 0) - AROUND_SECONDS);
  const toSeconds = Math.min(
    durationSeconds,
    (joinsSeconds.at(-1) ?? durationSeconds) + AROUND_SECONDS,
  );
  faults.push(...(await playFaults(page, fromSeconds, toSeconds, frameSeconds)));
  return { faults, durationSeconds, joins };
}

async function shownAt(page: Page, seconds: number): Promise<ShownFrame> {
  const thumb = JSON.stringify({ share: BARCODE_HEIGHT_SHARE, ...BARCODE_THUMB });
  const { mediaSeconds, levels } = await inPage<{ mediaSeconds: number; levels: number[] }>(
    page,
    `seek(${seconds}, ${thumb})`,
  );
  return { mediaSeconds, number: readBarcode(Uint8Array.from(levels)) };
}

async function playFaults(
  page: Page,
  fromSeconds: number,
  toSeconds: number,
  frameSeconds: number,
): Promise<string[]> {
  const { waits, reachedSeconds } = await inPage<{ waits: string[]; reachedSeconds: number }>(
    page,
    `play(${fromSeconds}, ${toSeconds})`,
  );
  const isShort = reachedSeconds < toSeconds - frameSeconds;
  return [
    ...waits.map((wait) => `playing over the joins: ${wait}`),
    ...(isShort
      ? [`playing ends at ${reachedSeconds.toFixed(3)} of ${toSeconds.toFixed(3)} s`]
      : []),
  ];
}

/** Calls a function of the player's page, which must come to an end. */
async function inPage<Answer>(page: Page, call: string): Promise<Answer> {
  const limit = new AbortController();
  const tooLong = new Promise<never>((_, reject) => {
    const timer = setTimeout(() => reject(new Error(`${call} does not end`)), LIMIT_MS);
    limit.signal.addEventListener('abort', () => clearTimeout(timer));
  });
  try {
    return await Promise.race([page.evaluate<Answer>(call), tooLong]);
  } finally {
    limit.abort();
  }
}
