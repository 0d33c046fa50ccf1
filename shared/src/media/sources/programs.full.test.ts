import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { encodedAnew, type MadeClip, type Span } from '../clip.fixture.ts';
import {
  framesOf,
  judgedClip,
  listenTo,
  madeClip,
  numbersIn,
  shortEpisode,
  useFolder,
  warningsOf,
} from './judged.fixture.ts';
import { apart, chunksOf, packageOf, withChunks } from './packages.fixture.ts';
import { PICTURE_PID, rewritten } from './rewrite.fixture.ts';
import {
  AUDIO,
  isTable,
  type ListedStream,
  language,
  MAP_PID,
  packetsIn,
  pidOf,
  placesOf,
  programList,
  programMap,
  tablePackets,
  VIDEO,
  withLateTables,
  withPid,
  withTables,
} from './streams.fixture.ts';
import { changedChunk, STREAM_CASES } from './tables.cases.fixture.ts';

const folder = useFolder();
const span: Span = [4_200, 7_300];
const spans: Span[] = [span, [0, 900], [9_100, 12_000]];

const codes = ({ cuts }: MadeClip) => [
  ...new Set(cuts.flatMap((cut) => warningsOf(cut).map(({ code }) => code))),
];

const NAMES = [
  'tables behind 40 packets',
  'tables only in the first chunk',
  'every packet twice',
  'packets of 192 bytes',
  'rubbish before the first packet',
];
const CASES = STREAM_CASES.filter(({ name }) => NAMES.includes(name));

describe.concurrent('other kinds of transport streams with', () => {
  const X265 = [
    '-c:v',
    'libx265',
    '-preset',
    'ultrafast',
    '-x265-params',
    'log-level=error:keyint=45',
  ];
  it.each(CASES)('HEVC: $name', async (one) => {
    const made = await encodedAnew(await shortEpisode(), X265, folder.path);
    const episode = await withChunks(made, folder.path, (bytes, n) => changedChunk(one, bytes, n));
    const clip = await judgedClip(episode, spans, folder.path);
    expect(clip.faults).toEqual([]);
    expect(codes(clip)).toEqual(one.warnings ?? []);
  });

  it.each(CASES)('MPEG-4 video: $name', async (one) => {
    const time = ['-enc_time_base', '1:48000', '-bsf:v', 'dump_extra'];
    const mpeg4 = ['-c:v', 'mpeg4', '-q:v', '3', '-g', '45', ...time];
    const made = await encodedAnew(await shortEpisode(), mpeg4, folder.path);
    const episode = await withChunks(made, folder.path, (bytes, n) => changedChunk(one, bytes, n));
    const clip = await judgedClip(episode, [span], folder.path);
    expect(clip.faults).toEqual([]);
    expect(codes(clip)).toEqual(one.warnings ?? []);
  });

  it.each(CASES)('audio alone: $name', async (one) => {
    const made = await encodedAnew(await shortEpisode(), ['-vn'], folder.path);
    const episode = await withChunks(made, folder.path, (bytes, n) => changedChunk(one, bytes, n));
    const [plain, clip] = [
      await madeClip(made, [span], folder.path),
      await madeClip(episode, [span], folder.path),
    ];
    const [expected, heard] = [await listenTo(plain.clipFile), await listenTo(clip.clipFile)];
    expect(heard.endMs).toBeCloseTo(expected.endMs, 0);
    expect(heard.offsetMs(500, 4_700)).toBeCloseTo(expected.offsetMs(500, 4_700)!, 0);
    expect(heard.offsetMs(2_700, 6_900)).toBeCloseTo(expected.offsetMs(2_700, 6_900)!, 0);
    expect(codes(clip)).toEqual(one.warnings ?? []);
  });

  it.each(CASES)('audio in a playlist of its own: $name', async (one) => {
    const made = await apart(['ts', 'ts'], folder.path);
    const sound = { ...made, playlistPath: made.soundPlaylistPath! };
    const changed = await withChunks(sound, folder.path, (bytes, n) => changedChunk(one, bytes, n));
    const episode = { ...made, soundPlaylistPath: changed.playlistPath };
    const clip = await judgedClip(episode, spans, folder.path);
    expect(clip.faults).toEqual([]);
    expect(codes(clip)).toEqual(one.warnings ?? []);
  });
});

describe.concurrent('codecs that change', () => {
  const mixed = async (encoder: readonly string[], sound: readonly string[] = ['-c:a', 'copy']) => {
    const plain = await shortEpisode();
    // Both on the clock of the whole.
    const input = ['-copyts'];
    const same = await encodedAnew(plain, ['-c:v', 'copy'], folder.path, { input });
    const other = await encodedAnew(plain, encoder, folder.path, { sound, input });
    const [first, second] = [await chunksOf(same), await chunksOf(other)];
    const run = [...first.slice(0, 2), ...second.slice(2)];
    return { ...plain, playlistPath: await packageOf([run], folder.path) };
  };

  it('from H.264 to HEVC are refused, and called so', async () => {
    const x265 = [
      '-c:v',
      'libx265',
      '-preset',
      'ultrafast',
      '-x265-params',
      'log-level=error:keyint=45',
    ];
    const episode = await mixed(x265);
    await expect(madeClip(episode, [[4_200, 7_300]], folder.path)).rejects.toMatchObject({
      code: 'CHUNK_UNDECODABLE',
      message: expect.stringMatching(/video changes from H\.264 to HEVC.*EXT-X-DISCONTINUITY/),
    });
  });

  it('from AAC to AC-3 are told', async () => {
    const episode = await mixed(['-c:v', 'copy'], ['-c:a', 'ac3']);
    const { clipFile, cuts } = await madeClip(episode, [span], folder.path);
    expect(cuts[0]!.opened.warnings).toEqual([
      { code: 'AUDIO_LOST', message: expect.stringContaining('from AAC to AC-3') },
    ]);
    expect(await numbersIn(clipFile)).toEqual(framesOf(span, '30'));
    const { offsetMs } = await listenTo(clipFile);
    expect(Math.abs(offsetMs(500, span[0] + 500) ?? 99)).toBeLessThan(1);
  });
});

describe.concurrent('chunks that do not stand alone', () => {
  /** Parts all bytes of an episode anew. */
  const parted = async (sizes: (total: number) => number[], late = false) => {
    const made = await shortEpisode();
    const chunks = await chunksOf(made);
    const all = Buffer.concat(await Promise.all(chunks.map(({ file }) => readFile(file))));
    const bytes = late ? Buffer.concat(withLateTables(packetsIn(all), 20)) : all;
    let at = 0;
    const run = await Promise.all(
      sizes(bytes.length).map(async (size, n, { length }) => {
        const file = join(folder.path, `parted-${size}-${n}-${late}.ts`);
        const part = bytes.subarray(at, at + size);
        at += size;
        await writeFile(file, part);
        return { file, seconds: 12 / length };
      }),
    );
    return { ...made, playlistPath: await packageOf([run], folder.path) };
  };
  const inParts = (total: number, unit: number, count = 6) => {
    const size = Math.ceil(total / count / unit) * unit;
    return Array.from({ length: count }, (_, n) => Math.min(size, total - n * size));
  };

  it.each([
    ['between packets', 188, false],
    ['within packets', 1, false],
    ['within packets, with tables only once', 1, true],
  ] as const)('for they are parted %s', async (_, unit, late) => {
    const episode = await parted((total) => inParts(total, unit), late);
    const clip = await judgedClip(episode, [span, [9_100, 11_900]], folder.path);
    expect(clip.faults).toEqual([]);
  });

  it('and lack packets are still told to', async () => {
    const made = await shortEpisode();
    const chunks = await chunksOf(made);
    const all = await Promise.all(chunks.map(async ({ file }) => packetsIn(await readFile(file))));
    const places = placesOf(all[1]!, PICTURE_PID);
    all[1]!.splice(places[places.length >> 1]!, 1);
    // The last packets of a chunk go to the next one.
    const moved = all[1]!.splice(-3);
    all[2]!.unshift(...moved.filter((packet) => !isTable(packet)));
    const run = await Promise.all(
      all.map(async (packets, n) => {
        const file = join(folder.path, `moved-${n}.ts`);
        await writeFile(file, Buffer.concat(packets));
        return { file, seconds: 3 };
      }),
    );
    const episode = { ...made, playlistPath: await packageOf([run], folder.path) };
    const clip = await madeClip(episode, [span], folder.path);
    expect(codes(clip)).toEqual(['DAMAGE_CONCEALED']);
    expect(clip.cuts[0]!.pictures?.method).toBe('reencoded');
  });
});

describe.concurrent('discs', () => {
  it.each<[string, string[]]>([
    ['LPCM', ['-c:a', 'pcm_bluray']],
    ['DTS', ['-c:a', 'dca', '-strict', '-2']],
    ['TrueHD', ['-c:a', 'truehd', '-strict', '-2']],
    ['AC-3', ['-c:a', 'ac3']],
    ['E-AC-3', ['-c:a', 'eac3']],
  ])('%s', async (_, sound) => {
    const muxer = ['-hls_segment_options', 'mpegts_m2ts_mode=1'];
    const made = await encodedAnew(await shortEpisode(), ['-c:v', 'copy'], folder.path, {
      sound,
      muxer,
    });
    const clip = await madeClip(made, [span], folder.path);
    expect(codes(clip)).toEqual([]);
    expect(await numbersIn(clip.clipFile)).toEqual(framesOf(span, '30'));
    const { offsetMs } = await listenTo(clip.clipFile);
    expect(Math.abs(offsetMs(500, span[0] + 500) ?? 99)).toBeLessThan(40);
  });
});

describe.concurrent('streams that are announced', () => {
  const SILENT = 0x130;
  const tables = (...streams: ListedStream[]) =>
    [
      tablePackets(0, [programList([[1, MAP_PID]])]),
      tablePackets(MAP_PID, [programMap(1, streams)]),
    ] as const;

  it('first, and never come, do not move the clock of video that begins after the audio', async () => {
    const episode = await withChunks(await shortEpisode(), folder.path, (bytes) => {
      const late = rewritten(bytes, PICTURE_PID, (all) =>
        all.map(({ pts, dts, payload }) => ({
          ...{ pts: pts! + 45_000, dts: (dts ?? pts!) + 45_000, payload },
        })),
      );
      const announced = tables({ ...VIDEO, pid: SILENT }, VIDEO, AUDIO);
      return Buffer.concat(withTables(packetsIn(late), ...announced));
    });
    const early: Span = [1_000, 3_000];
    const clip = await madeClip(episode, [early], folder.path);
    expect(await numbersIn(clip.clipFile)).toEqual(framesOf(early, '30'));
    const { offsetMs } = await listenTo(clip.clipFile);
    expect(Math.abs(offsetMs(500, early[0] + 1_000) ?? 99)).toBeLessThan(1);
    expect(codes(clip)).toEqual(['TRACK_SUBSTITUTED']);
  });

  /** The first of two like streams is silent for a chunk. */
  const silentFor = async (kind: ListedStream, silent: readonly number[]) => {
    const first = { ...kind, pid: SILENT, descriptors: kind === AUDIO ? language('eng') : [] };
    const second = { ...kind, descriptors: first.descriptors };
    const listed = kind === AUDIO ? [VIDEO, first, second] : [first, second, AUDIO];
    return withChunks(await shortEpisode(), folder.path, (bytes, n) => {
      const packets = packetsIn(bytes).flatMap((packet) =>
        pidOf(packet) === kind.pid && !silent.includes(n)
          ? [withPid(packet, SILENT), packet]
          : [packet],
      );
      return Buffer.concat(withTables(packets, ...tables(...listed)));
    });
  };

  it.each<[string, ListedStream, string]>([
    ['video', VIDEO, 'FRAMES_MISSING'],
    ['audio', AUDIO, 'AUDIO_MISSING'],
  ])('first, and silent for a chunk, do not give way to others: %s', async (_, kind, code) => {
    const episode = await silentFor(kind, [2]);
    for (const within of [[7_000, 8_500], span] satisfies Span[]) {
      expect(codes(await madeClip(episode, [within], folder.path))).toEqual([code]);
    }
    expect(codes(await madeClip(episode, [[1_000, 2_500]], folder.path))).toEqual([]);
  });

  it.each([
    ['its language', 'en', ['TRACK_SUBSTITUTED'], true],
    ['its number', 0, ['AUDIO_MISSING'], false],
    ['the number of the next one', 1, [], true],
  ] as const)('and never come, are not taken by %s', async (_, audioTrack, due, isHeard) => {
    const episode = await silentFor(AUDIO, [0, 1, 2, 3]);
    const clip = await madeClip(episode, [span], folder.path, { audioTrack });
    expect(codes(clip)).toEqual(due);
    const { loudest } = await listenTo(clip.clipFile);
    expect(loudest(500, 1_000) > 0.01).toBe(isHeard);
  });
});

describe.concurrent('other programs', () => {
  it('do not get into the clip', async () => {
    const made = await shortEpisode();
    const episode = await withChunks(made, folder.path, (bytes) => {
      const foreign = packetsIn(bytes).filter((packet) => !isTable(packet));
      return Buffer.concat(
        packetsIn(bytes).flatMap((packet, n) => {
          const other = foreign[(n * 7) % foreign.length]!;
          return [packet, withPid(other, pidOf(other) + 0x100)];
        }),
      );
    });
    const clip = await judgedClip(episode, spans, folder.path);
    expect(clip.faults).toEqual([]);
    expect(codes(clip)).toEqual([]);
  });
});
