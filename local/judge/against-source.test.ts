import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { judgeAgainstSource } from './against-source.ts';
import { ffmpeg } from './cut.fixture.ts';

const REAL_MEDIA = fileURLToPath(
  new URL('../../e2e/fixtures/real-media/shaka-hls-ts-muxed-aac-h264', import.meta.url),
);
const FPS = 24;
const WANTED = { startMs: 4000, endMs: 8000 };

let dir: string;
let sourcePath: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'splicebus-unmarked-'));
  sourcePath = join(dir, 'source.mpegts');
  const chunks = ['n_0_0_0.mpegts', 'n_1_0_0.mpegts'].map((name) => join(REAL_MEDIA, name));
  await writeFile(
    sourcePath,
    Buffer.concat(await Promise.all(chunks.map((chunk) => readFile(chunk)))),
  );
});
afterAll(() => rm(dir, { recursive: true, force: true }));

/** Cuts the source by counting its frames, and has the clip judged as if it were the wanted one. */
async function judged(picture: string, soundFromSeconds = 4) {
  const clipPath = join(dir, 'clip.mp4');
  const sound = `atrim=start=${soundFromSeconds}:duration=4,asetpts=N/SR/TB`;
  await ffmpeg([
    ...['-i', sourcePath, '-filter_complex'],
    `[0:v]${picture},setpts=N/${FPS}/TB[v];[0:a]${sound}[a]`,
    ...['-map', '[v]', '-map', '[a]', '-fps_mode', 'passthrough'],
    ...['-c:v', 'libx264', '-preset', 'veryfast', '-c:a', 'aac', '-movflags', '+faststart'],
    clipPath,
  ]);
  return judgeAgainstSource({ clipPath, sourcePath, segments: [WANTED] });
}

describe('a clip of a source that nobody marked', () => {
  it('passes when it is the wanted one, though it was encoded again', async () => {
    const verdict = await judged("select='between(n,96,191)'");
    expect(verdict.faults).toEqual([]);
    expect(verdict.segments[0]).toMatchObject({ gotFirst: 96, gotLast: 191 });
    expect(verdict.undecided).toBeLessThan(10);
    expect(verdict.soundOffsetsMs[0]).toBeCloseTo(0, 0);
  });

  it('is told to be one frame early', async () => {
    const { picture, faults } = await judged("select='between(n,95,190)'");
    expect(picture).toMatchObject({ missing: 1, extra: 1 });
    expect(faults).toContain('segment 0 starts 1 frames early');
  });

  it('is told to lack a frame and to have one twice', async () => {
    const { picture } = await judged(
      "select='between(n,96,191)*not(eq(n,140))',loop=loop=1:size=1:start=60",
    );
    expect(picture).toMatchObject({ missing: 1, duplicated: 1, frameCount: 96 });
  });

  it('is told to have its sound late', async () => {
    const { faults } = await judged("select='between(n,96,191)'", 3.97);
    expect(faults).toEqual(['the sound of segment 0 is 30.0 ms late']);
  });

  it('is told to be of another source', async () => {
    const { picture } = await judged("select='between(n,96,191)',negate");
    expect(picture.unreadable).toBeGreaterThan(90);
  });
});
