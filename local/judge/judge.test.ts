import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Episode, makeEpisode } from '../sample/index.ts';
import {
  type Cut,
  cutClip,
  ffmpeg,
  joined,
  PICTURE_A,
  SAMPLES_PER_FRAME,
  SOUND_A,
  soundOf,
} from './cut.fixture.ts';
import { judgeClip } from './judge.ts';
import { describeVerdict, type Verdict } from './verdict.ts';

const FPS = 30;
/** Frames 90 to 209, and 330 to 419. */
const A = { startMs: 3000, endMs: 7000 };
const B = { startMs: 11_000, endMs: 14_000 };

let dir: string;
let episode: Episode;
const cut = (change: Cut) => cutClip(episode, dir, change);

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'splicebus-judge-'));
  episode = await makeEpisode({ dir: join(dir, 'episode'), width: 320, height: 180, seconds: 16 });
});
afterAll(() => rm(dir, { recursive: true, force: true }));

describe('a flawless clip', () => {
  it('passes with one segment', async () => {
    const verdict = await judge(await cut({}), [A]);
    expect(verdict.faults, describeVerdict(verdict)).toEqual([]);
    expect(verdict.exact).toBe(true);
    expect(verdict.segments).toEqual([
      {
        wantedFirst: 90,
        wantedLast: 209,
        gotFirst: 90,
        gotLast: 209,
        startErrorFrames: 0,
        endErrorFrames: 0,
      },
    ]);
    expect(verdict.sound?.probes.length).toBeGreaterThan(1);
    expect(verdict.sound?.maxOffsetMs).toBeLessThan(1);
    expect(verdict.file).toMatchObject({
      videoCodec: 'h264',
      audioCodec: 'aac',
      width: 320,
      height: 180,
      faststart: true,
      dtsMonotonic: true,
      strictDecodeError: '',
    });
  });

  it('passes with two segments, whose join is clean', async () => {
    const verdict = await judge(await cut(joined([90, 210], [330, 420])), [A, B]);
    expect(verdict.faults, describeVerdict(verdict)).toEqual([]);
    expect(verdict.sound?.joinResidualDb).toBeLessThan(0);
  });

  it('passes with segments that overlap, and with segments that touch', async () => {
    const overlapping = [A, { startMs: 5000, endMs: 9000 }];
    const first = await judge(await cut(joined([90, 210], [150, 270])), overlapping);
    expect(first.faults, describeVerdict(first)).toEqual([]);

    const touching = [A, { startMs: 7000, endMs: 9000 }];
    const second = await judge(await cut(joined([90, 210], [210, 270])), touching);
    expect(second.faults, describeVerdict(second)).toEqual([]);
    expect(second.segments[1]?.gotFirst).toBe(210);
  });

  it.each([
    ['tiny', '160:90', '28'],
    ['poor', '320:180', '42'],
    ['made tall', '202:360', '34'],
    ['of an odd shape', '334:142', '34'],
  ])('passes when the picture is %s', async (_, size, crf) => {
    const picture = `${PICTURE_A},scale=${size}`;
    const verdict = await judge(await cut({ picture, args: ['-crf', crf, '-b:a', '48k'] }), [A]);
    expect(verdict.faults, describeVerdict(verdict)).toEqual([]);
  });

  it('passes without sound when none is wanted', async () => {
    const path = await cut({ sound: '' });
    expect((await judge(path, [A], false)).faults).toEqual([]);
    expect((await judge(path, [A], true)).faults).toEqual(['there is no sound']);
    expect((await judge(await cut({}), [A], false)).faults).toEqual([
      'there is sound, though none was wanted',
    ]);
  });
});

describe('wrong pictures', () => {
  it('tells a clip that is one frame early', async () => {
    const picture = "select='between(n,89,208)',setpts=N/30/TB";
    const verdict = await judge(await cut({ picture, sound: soundOf(89, 209) }), [A]);
    expect(verdict.exact).toBe(false);
    expect(verdict.picture).toMatchObject({ missing: 1, extra: 1, duplicated: 0 });
    expect(verdict.segments[0]).toMatchObject({ startErrorFrames: -1, endErrorFrames: -1 });
    expect(describeVerdict(verdict)).toContain(
      'NOT exact | faults: segment 0 starts 1 frames early',
    );
  });

  it('tells a clip that is one frame too long', async () => {
    const picture = "select='between(n,90,210)',setpts=N/30/TB";
    const verdict = await judge(await cut({ picture, sound: soundOf(90, 211) }), [A]);
    expect(verdict.exact).toBe(false);
    expect(verdict.picture).toMatchObject({ missing: 0, extra: 1 });
    expect(verdict.segments[0]).toMatchObject({ startErrorFrames: 0, endErrorFrames: 1 });
  });

  it('tells a frame that is missing in the middle', async () => {
    const picture = "select='between(n,90,209)*not(eq(n,150))',setpts=PTS-STARTPTS";
    const verdict = await judge(await cut({ picture }), [A]);
    expect(verdict.exact).toBe(false);
    expect(verdict.picture).toMatchObject({ missing: 1, extra: 0, frameCount: 119 });
    expect(verdict.picture.maxSpacingErrorMs).toBeCloseTo(1000 / FPS, 0);
    expect(verdict.segments[0]).toMatchObject({ startErrorFrames: 0, endErrorFrames: 0 });
  });

  it('tells a doubled frame, and the sound that then comes early', async () => {
    const picture = "select='between(n,90,209)',loop=loop=1:size=1:start=60,setpts=N/30/TB";
    const verdict = await judge(await cut({ picture }), [A]);
    expect(verdict.exact).toBe(false);
    expect(verdict.picture).toMatchObject({ duplicated: 1, missing: 0, frameCount: 121 });
    expect(verdict.sound?.maxOffsetMs).toBeCloseTo(1000 / FPS, 0);
  });

  it('tells frames in the wrong order', async () => {
    const picture = `${PICTURE_A},shuffleframes=0 2 1 3`;
    const verdict = await judge(await cut({ picture }), [A]);
    expect(verdict.exact).toBe(false);
    expect(verdict.picture).toMatchObject({ outOfOrder: 30, missing: 0, duplicated: 0 });
  });

  it('tells segments in the wrong order', async () => {
    const verdict = await judge(await cut(joined([330, 420], [90, 210])), [A, B]);
    expect(verdict.exact).toBe(false);
    expect(verdict.picture).toMatchObject({ outOfOrder: 1, missing: 0, extra: 0 });
  });

  it('tells a segment that is absent', async () => {
    const verdict = await judge(await cut({}), [A, B]);
    expect(verdict.exact).toBe(false);
    expect(verdict.picture.missing).toBe(90);
    expect(verdict.faults).toContain('segment 1 is absent');
  });

  it('tells a frame that cannot be read', async () => {
    const picture = `${PICTURE_A},drawbox=h=20:color=gray:t=fill:enable='eq(n,40)'`;
    const verdict = await judge(await cut({ picture }), [A]);
    expect(verdict.exact).toBe(false);
    expect(verdict.picture).toMatchObject({ unreadable: 1, missing: 1 });
  });
});

describe('wrong sound', () => {
  it.each([40, -40])('tells sound that comes %i ms late', async (lateMs) => {
    const shift = -(lateMs * 48) / SAMPLES_PER_FRAME;
    const verdict = await judge(await cut({ sound: soundOf(90 + shift, 210 + shift) }), [A]);
    expect(verdict.exact).toBe(true);
    expect(verdict.sound?.lostProbes).toBe(0);
    for (const { offsetMs } of verdict.sound!.probes) expect(offsetMs).toBeCloseTo(lateMs, 0);
    expect(verdict.faults).toEqual(['sound and picture of segment 0 are 40.0 ms apart']);
  });

  it('tells sound from elsewhere', async () => {
    const verdict = await judge(await cut({ sound: soundOf(240, 360) }), [A]);
    expect(verdict.sound?.lostProbes).toBe(verdict.sound?.probes.length);
    expect(verdict.faults).toContain(`the wrong sound at ${verdict.sound?.probes.length} places`);
  });

  it('tells a silent hole', async () => {
    const sound = `${SOUND_A},volume=0:enable='between(t,1.2,1.5)'`;
    const verdict = await judge(await cut({ sound }), [A]);
    expect(verdict.sound?.gaps).toBeGreaterThan(0);
    expect(verdict.sound?.longestGapMs).toBeGreaterThan(50);
    expect(verdict.faults.join()).toContain('gaps in the sound');
  });

  it('tells a hole in the time stamps', async () => {
    const whole = await cut({});
    const path = join(dir, 'time-hole.mp4');
    const later = "setts=ts='if(gte(PTS,96000),TS+2400,TS)'";
    await ffmpeg(['-i', whole, '-c', 'copy', '-bsf:a', later, '-movflags', '+faststart', path]);
    const verdict = await judge(path, [A]);
    expect(verdict.sound).toMatchObject({ gaps: 1, longestGapMs: 50 });
  });

  it.each([
    [210, 330],
    [203, 365],
  ])('tells the click of a raw join, of frame %i with frame %i', async (end, first) => {
    const segments = [
      { startMs: 3000, endMs: (end * 1000) / FPS },
      { startMs: (first * 1000) / FPS, endMs: 14_000 },
    ];
    const raw = await judge(await cut(joined([90, end], [first, 420], 'raw')), segments);
    expect(raw.exact).toBe(true);
    expect(raw.faults).toEqual([expect.stringMatching(/^a join clicks by \d+\.\d dB$/)]);
    const faded = await judge(await cut(joined([90, end], [first, 420])), segments);
    expect(faded.faults, describeVerdict(faded)).toEqual([]);
  });

  it('tells a jump in what should be copied sound', async () => {
    const segments = [
      { startMs: 3000, endMs: (203 * 1000) / FPS },
      { startMs: (365 * 1000) / FPS, endMs: 14_000 },
    ];
    const raw = await cut(joined([90, 203], [365, 420], 'raw'));
    const { faults } = await judge(raw, segments, true, 'copy');
    expect(faults).toEqual([expect.stringMatching(/^a join clicks by /)]);
  });

  it('allows copied sound one frame of AAC, and no more', async () => {
    const late = (ms: number) =>
      soundOf(90 - (ms * 48) / SAMPLES_PER_FRAME, 210 - (ms * 48) / SAMPLES_PER_FRAME);
    const copied = async (ms: number) => judge(await cut({ sound: late(ms) }), [A], true, 'copy');
    expect((await copied(20)).faults).toEqual([]);
    expect((await copied(23)).faults).toEqual(['sound and picture of segment 0 are 23.0 ms apart']);
    expect((await judge(await cut({ sound: late(2) }), [A])).faults).toEqual([
      'sound and picture of segment 0 are 2.0 ms apart',
    ]);
  });

  it('tells a join at which the sound runs on', async () => {
    const { picture } = joined([90, 210], [330, 420]);
    const late = joined([90, 216], [336, 420]).sound;
    const verdict = await judge(await cut({ picture, sound: late }), [A, B]);
    expect(verdict.exact).toBe(true);
    expect(verdict.sound?.joinResidualDb).toBeGreaterThan(0);
    expect(verdict.faults.join()).toContain('a join sounds wrong');
  });
});

describe('a wrong file', () => {
  it('tells moov behind mdat', async () => {
    const verdict = await judge(await cut({ faststart: false }), [A]);
    expect(verdict.faults).toEqual(['moov does not come before mdat']);
  });

  it('tells a truncated clip', async () => {
    const whole = await readFile(await cut({}));
    const path = join(dir, 'truncated.mp4');
    await writeFile(path, whole.subarray(0, whole.length * 0.7));
    const verdict = await judge(path, [A]);
    expect(verdict.exact).toBe(false);
    expect(verdict.picture.missing).toBeGreaterThan(10);
    expect(verdict.file.strictDecodeError).not.toBe('');
  });

  it('tells a clip that lost its moov', async () => {
    const whole = await readFile(await cut({ faststart: false }));
    const path = join(dir, 'headless.mp4');
    await writeFile(path, whole.subarray(0, whole.length * 0.7));
    const verdict = await judge(path, [A]);
    expect(verdict.picture).toMatchObject({ frameCount: 0, missing: 120 });
    expect(verdict.sound).toBeUndefined();
    expect(verdict.file).toMatchObject({ faststart: false, videoCodec: undefined });
    expect(verdict.exact).toBe(false);
  });

  it('tells damaged pictures', async () => {
    const bytes = await readFile(await cut({}));
    const middle = Math.floor(bytes.length / 2);
    bytes.fill(0xa5, middle, middle + 400);
    const path = join(dir, 'damaged.mp4');
    await writeFile(path, bytes);
    expect((await judge(path, [A])).file.strictDecodeError).not.toBe('');
  });

  it('tells a stated duration that is wrong', async () => {
    const picture = PICTURE_A.replace('N/30', 'N/25');
    const verdict = await judge(await cut({ picture }), [A]);
    // 120 frames at 25 per second instead of 30; the muxer's guess at the last one's length is free.
    expect(verdict.file.durationErrorMs.video).toBeGreaterThan(700);
    expect(verdict.exact).toBe(false);
  });

  it('needs a file to judge', async () => {
    await expect(judge(join(dir, 'nowhere.mp4'), [A])).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

function judge(
  clipPath: string,
  segments: { startMs: number; endMs: number }[],
  hasAudio = true,
  audio: 'exact' | 'copy' = 'exact',
): Promise<Verdict> {
  const { frameCount: episodeFrameCount, fps } = episode;
  return judgeClip({ clipPath, segments, fps, episodeFrameCount, hasAudio, audio });
}
