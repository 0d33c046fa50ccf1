import { describe, expect, it } from 'vitest';
import { seeFrames } from '#local/judge/pictures';
import type { EpisodeSpec } from '#local/sample/index';
import { encodedAnew, type Span } from '../clip.fixture.ts';
import { framesOf, listenTo, madeClip, shortEpisode, useFolder } from './judged.fixture.ts';
import { withChunks } from './packages.fixture.ts';
import { PICTURE_PID, SOUND_PID } from './rewrite.fixture.ts';
import { packetsIn, placesOf } from './streams.fixture.ts';

const folder = useFolder();
const span: Span = [1_200, 10_300];

/** What is lost of a chunk of three seconds: the numbers of its packets. */
type Loss = (packets: Buffer[]) => number[];

const from = (places: readonly number[], share: number, count = 1) => {
  const at = Math.floor(places.length * share);
  return places.slice(at, at + count);
};
const row = (start: number, count: number) => Array.from({ length: count }, (_, n) => start + n);

const VIDEO_LOSSES: [name: string, loss: Loss][] = [
  ['a packet within a frame', (all) => from(placesOf(all, PICTURE_PID), 0.3)],
  ['the first packet of a frame', (all) => from(placesOf(all, PICTURE_PID, true), 0.3)],
  ['the last packet of a frame', (all) => [placesOf(all, PICTURE_PID, true)[20]! - 1]],
  ['the first packet of a chunk’s key frame', (all) => [placesOf(all, PICTURE_PID, true)[0]!]],
  ['a packet of a chunk’s key frame', (all) => [placesOf(all, PICTURE_PID)[0]!]],
  ['a packet of a key frame within a chunk', (all) => [placesOf(all, PICTURE_PID, true)[45]! + 1]],
  ['forty packets', (all) => row(from(placesOf(all, PICTURE_PID), 0.4)[0]!, 40)],
  ['a tenth of a chunk', (all) => row(Math.floor(all.length * 0.3), Math.floor(all.length / 10))],
  ['every hundredth packet', (all) => all.flatMap((_, n) => (n % 100 === 50 ? [n] : []))],
];

const SPECS: [string, EpisodeSpec][] = [
  ['H.264', {}],
  ['H.264 with B-frames and open GOPs', { bframes: 3, gop: 'open' }],
];

async function lossy(spec: EpisodeSpec, loss: Loss, how: 'missing' | 'marked', hevc = false) {
  const plain = await shortEpisode(spec);
  const x265 = [
    '-c:v',
    'libx265',
    '-preset',
    'ultrafast',
    '-x265-params',
    'log-level=error:keyint=45',
  ];
  const source = hevc ? await encodedAnew(plain, x265, folder.path) : plain;
  return withChunks(source, folder.path, (bytes, n) => {
    const packets = packetsIn(bytes);
    if (n !== 1) return bytes;
    const lost = new Set(loss(packets));
    if (how === 'missing') return Buffer.concat(packets.filter((_, n) => !lost.has(n)));
    for (const n of lost) packets[n]![1]! |= 0x80;
    return Buffer.concat(packets);
  });
}

/** Chunks have three seconds; what is lost of the second spoils at most what is shown up to the third. */
const spoilt = (atMs: number) => atMs >= 2_900 && atMs < 6_000;

/** Every frame at its time; of those that are spoilt, some may not be there. */
async function judge(clipFile: string): Promise<void> {
  const frames = await seeFrames('ffmpeg', clipFile);
  const expected = framesOf(span, '30');
  const seen = new Map(
    frames.map(({ timeMs, number }) => [Math.round((timeMs * 30) / 1000), number]),
  );
  const wrong = expected.flatMap((due, n) => {
    const isRight = seen.get(n) === due || spoilt(span[0] + (n * 1000) / 30);
    return isRight ? [] : [{ due, seen: seen.get(n) }];
  });
  expect(wrong).toEqual([]);
  expect(seen.size).toBe(frames.length);
  expect(frames.at(-1)!.timeMs).toBeCloseTo(((expected.length - 1) * 1000) / 30, 0);
}

describe.concurrent('lost packets of video', () => {
  const cases = SPECS.flatMap(([codec, spec]) =>
    VIDEO_LOSSES.map(([name, loss]) => ({ name: `${codec}: ${name}`, spec, loss })),
  );
  it.each(cases)('$name', async ({ spec, loss }) => {
    const episode = await lossy(spec, loss, 'missing');
    const { clipFile, cuts } = await madeClip(episode, [span], folder.path);
    expect(cuts[0]!.opened.warnings.map(({ code }) => code)).toContain('DAMAGE_CONCEALED');
    await judge(clipFile);
    const { offsetMs } = await listenTo(clipFile);
    for (const ms of [500, 6_500, 8_500]) {
      expect(Math.abs(offsetMs(ms, span[0] + ms) ?? 99)).toBeLessThan(1);
    }
  });

  it.each(VIDEO_LOSSES)('HEVC: %s', async (_, loss) => {
    const episode = await lossy({}, loss, 'missing', true);
    const { clipFile, cuts } = await madeClip(episode, [span], folder.path);
    expect(cuts[0]!.opened.warnings.map(({ code }) => code)).toContain('DAMAGE_CONCEALED');
    await judge(clipFile);
  });

  it.each(VIDEO_LOSSES)('marked as damaged: %s', async (_, loss) => {
    const episode = await lossy({}, loss, 'marked');
    const { clipFile, cuts } = await madeClip(episode, [span], folder.path);
    expect(cuts[0]!.opened.warnings.map(({ code }) => code)).toContain('DAMAGE_CONCEALED');
    await judge(clipFile);
  });

  it('are told where half a second and more of everything is lost', async () => {
    const episode = await lossy({}, (all) => row(all.length >> 2, all.length / 3), 'missing');
    await expect(madeClip(episode, [span], folder.path)).rejects.toMatchObject({
      code: 'CHUNK_UNDECODABLE',
      message: expect.stringMatching(/lack \d\.\d s of picture and sound/),
    });
  });

  it('are told where a chunk is cut off, and what is cut is not copied', async () => {
    const plain = await shortEpisode();
    const episode = await withChunks(plain, folder.path, (bytes, n) => {
      const last = placesOf(packetsIn(bytes), PICTURE_PID).at(-1)!;
      return n === 1 ? bytes.subarray(0, last * 188 + 100) : bytes;
    });
    const { clipFile, cuts } = await madeClip(episode, [span], folder.path);
    const [{ pictures, opened }] = cuts as [(typeof cuts)[0]];
    expect(new Set(opened.warnings.map(({ code }) => code))).toEqual(new Set(['DAMAGE_CONCEALED']));
    expect(pictures?.method).toBe('reencoded');
    await judge(clipFile);
  });

  it('are no matter where none of it is wanted', async () => {
    const episode = await lossy({}, VIDEO_LOSSES[0]![1], 'missing');
    const { cuts } = await madeClip(episode, [[4_600, 8_000]], folder.path);
    expect(cuts[0]!.opened.warnings).toEqual([]);
    expect(cuts[0]!.pictures?.method).toBe('smart');
  });
});

describe.concurrent('lost packets of audio', () => {
  const losses: [string, Loss][] = [
    ['one', (all) => from(placesOf(all, SOUND_PID), 0.5)],
    ['the first of several frames', (all) => from(placesOf(all, SOUND_PID, true), 0.5)],
    ['ten', (all) => from(placesOf(all, SOUND_PID), 0.5, 10)],
    ['some here and there', (all) => placesOf(all, SOUND_PID).filter((_, n) => n % 40 === 20)],
  ];
  const codecs: [string, string[]][] = [
    ['AAC', ['-c:a', 'copy']],
    ['AC-3', ['-c:a', 'ac3']],
    ['MP2', ['-c:a', 'mp2']],
    ['LATM', ['-c:a', 'aac', '-mpegts_flags', 'latm']],
  ];
  const cases = codecs.flatMap(([codec, sound]) =>
    losses.flatMap(([name, loss]) =>
      [true, false].map((isAlone) => ({ codec, sound, name, loss, isAlone })),
    ),
  );
  it.each(cases)('$codec: $name, alone: $isAlone', async ({ codec, sound, loss, isAlone }) => {
    const made = await encodedAnew(
      await shortEpisode(),
      isAlone ? ['-vn'] : ['-c:v', 'copy'],
      folder.path,
      { sound },
    );
    const pid = isAlone ? PICTURE_PID : SOUND_PID;
    const episode = await withChunks(made, folder.path, (bytes, n) => {
      const packets = packetsIn(bytes).map((packet) => packet);
      if (n !== 1) return bytes;
      const places = isAlone ? packets.map((p) => moved(p, pid)) : packets;
      const lost = new Set(loss(places));
      return Buffer.concat(packets.filter((_, n) => !lost.has(n)));
    });
    const { clipFile, cuts } = await madeClip(episode, [span], folder.path);
    const [warning, ...others] = cuts[0]!.opened.warnings;
    expect(warning).toMatchObject({ code: 'DAMAGE_CONCEALED' });
    expect(warning!.atMs).toBeGreaterThan(2_900);
    expect(others).toEqual([]);
    if (!isAlone) expect(cuts[0]!.pictures?.method).toBe('smart');
    const { offsetMs, endMs } = await listenTo(clipFile);
    const priming = isAlone ? (offsetMs(500, span[0] + 500) ?? 99) : 0;
    const tolerance = codec === 'AAC' && !isAlone ? 1 : 60;
    const base = offsetMs(500, span[0] + 500) ?? 99;
    expect(Math.abs(base - priming)).toBeLessThan(tolerance);
    for (const ms of [5_500, 6_500, 8_500]) {
      expect(Math.abs((offsetMs(ms, span[0] + ms) ?? 99) - base)).toBeLessThan(1);
    }
    expect(endMs).toBeGreaterThan(9_050);
  });
});

const moved = (packet: Buffer, pid: number) => {
  const isOfIt = (((packet[1]! & 0x1f) << 8) | packet[2]!) === pid;
  if (!isOfIt) return packet;
  const other = Buffer.from(packet);
  other[1] = (other[1]! & 0xe0) | (SOUND_PID >> 8);
  other[2] = SOUND_PID & 0xff;
  return other;
};
