import { mkdtempSync, rmSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { openSegment } from '#shared/media/collect/open-segment';
import type { CutResult, cutSegment } from '#shared/media/cut/cut-segment';
import type { probeClip } from '#shared/media/finished/probe-clip';
import { chunksOf } from '#shared/media/hls/chunk-range';
import type { JoinResult, joinSegments } from '#shared/media/join/join-segments';
import type {
  TakenPicture,
  TakenPictures,
  takePictures,
} from '#shared/media/pictures/take-pictures';

// Cutting and joining are a thousand times slower than all the rest of a run. Where only the order of events
// matters, the real media module cuts one segment, joins one clip of each length and takes one clip's pictures;
// every later one is a copy of that file. Whether a request lies inside its episode is still asked each time.

type Open = typeof openSegment;
type Cut = typeof cutSegment;
type Join = typeof joinSegments;
type Probe = typeof probeClip;
type Take = typeof takePictures;

/** Stands in for `openSegment`. */
export function openOnce(open: Open): Open {
  let opened: ReturnType<Open> | undefined;
  return (request, picture, sound, work) => {
    chunksOf(picture.playlist, request.startMs, request.endMs);
    opened ??= open(request, picture, sound, work);
    return opened;
  };
}

/** Stands in for `cutSegment`; for segments without sound. */
export function cutOnce(cut: Cut): Cut {
  let kept: Promise<CutResult> | undefined;
  const first: Cut = async (request, work) => {
    const { pictures, ...result } = await cut(request, work);
    return {
      ...result,
      pictures: { ...pictures!, file: await keep(pictures!.file, 'segment.mp4') },
    };
  };
  return (request, work) => {
    kept ??= first(request, work);
    return kept;
  };
}

/** Stands in for `joinSegments`. */
export function joinOnce(joinAll: Join): Join {
  const kept = new Map<number, Promise<JoinResult>>();
  const first: Join = async (segments, work) => {
    const result = await joinAll(segments, work);
    return { ...result, clipFile: await keep(result.clipFile, `${segments.length}.mp4`) };
  };
  return (segments, work) => {
    const joined = kept.get(segments.length) ?? first(segments, work);
    kept.set(segments.length, joined);
    return joined;
  };
}

/** Stands in for `probeClip`: all clips are alike. */
export function probeOnce(probe: Probe): Probe {
  let probed: ReturnType<Probe> | undefined;
  return (file, work) => {
    probed ??= probe(file, work);
    return probed;
  };
}

/** Stands in for `takePictures`. */
export function takeOnce(take: Take): Take {
  let taken: Promise<TakenPictures> | undefined;
  const kept = async (picture: TakenPicture, name: string) => ({
    ...picture,
    file: await keep(picture.file, name),
  });
  const first: Take = async (file, work) => {
    const { poster, thumbnails } = await take(file, work);
    return {
      poster: await kept(poster, 'poster.jpg'),
      thumbnails: await Promise.all(thumbnails.map((one, n) => kept(one, `${n}.jpg`))),
    };
  };
  return (file, work) => {
    taken ??= first(file, work);
    return taken;
  };
}

/** Copies a file to where no invocation's end removes it. */
async function keep(file: string, name: string): Promise<string> {
  const kept = join(FOLDER, name);
  await copyFile(file, kept);
  return kept;
}

const FOLDER = mkdtempSync(join(tmpdir(), 'splicebus-pre-cut-'));
process.on('exit', () => rmSync(FOLDER, { recursive: true, force: true }));
