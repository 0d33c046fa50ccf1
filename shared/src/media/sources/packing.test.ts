import { describe, expect, it } from 'vitest';
import { encodedAnew, type Span } from '../clip.fixture.ts';
import { withParameterSets } from '../codecs/byte-stream.ts';
import { judgedClip, madeClip, shortEpisode, useFolder } from './judged.fixture.ts';
import { asByteRanges, asFragments, chunksOf, packageOf, withChunks } from './packages.fixture.ts';
import { inPairs, PICTURE_PID, rewritten, spanning } from './rewrite.fixture.ts';

const folder = useFolder();
const spans: Span[] = [
  [4_200, 7_300],
  [0, 900],
  [9_100, 12_000],
];

const X265_KEYS = ['-x265-params', 'keyint=45:min-keyint=45:scenecut=0:log-level=none'];

describe('chunks that do not stand alone', () => {
  it('key pictures farther apart than chunks, in TS', async () => {
    const plain = await shortEpisode({ gopSeconds: 6, chunkSeconds: 6 });
    const episode = await encodedAnew(plain, ['-c:v', 'copy'], folder.path, {
      chunkSeconds: 2,
      muxer: ['-hls_flags', 'split_by_time'],
    });
    expect((await chunksOf(episode)).length).toBeGreaterThan(4);
    const clip = await judgedClip(episode, spans, folder.path);
    expect(clip.faults).toEqual([]);
  });

  it('key pictures farther apart than chunks, in fMP4', async () => {
    const plain = await shortEpisode({ gopSeconds: 6, chunkSeconds: 6 });
    const everyTwoSeconds = ['-frag_duration', '2000000'];
    const episode = await asFragments(plain, folder.path, '+delay_moov', 2, everyTwoSeconds);
    const clip = await judgedClip(episode, spans, folder.path);
    expect(clip.faults).toEqual([]);
  });

  it.each([
    ['h264', 'exact', 'smart', ['-c:v', 'copy']],
    ['hevc', 'copy', 'copied', ['-c:v', 'libx265', '-preset', 'ultrafast', ...X265_KEYS]],
    ['hevc', 'exact', 'reencoded', ['-c:v', 'libx265', '-preset', 'ultrafast', ...X265_KEYS]],
  ] as const)(
    'parameter sets of %s only where the episode begins, cut %s',
    async (codec, cut, method, encoder) => {
      const plain = await encodedAnew(await shortEpisode(), encoder, folder.path);
      const none = { vps: [], sps: [], pps: [] };
      const episode = await withChunks(plain, folder.path, (bytes, chunk) =>
        rewritten(bytes, PICTURE_PID, (all) =>
          all.map((pes, n) =>
            chunk === 0 && n === 0
              ? pes
              : { ...pes, payload: withParameterSets(codec, pes.payload, none) },
          ),
        ),
      );
      const clip = await judgedClip(episode, spans, folder.path, { cut });
      expect(clip.faults).toEqual([]);
      expect(clip.cuts[0]!.pictures?.method).toBe(method);
    },
  );
});

describe('pictures in PES packets', () => {
  const inPairsOf = async (bframes: number) =>
    withChunks(await shortEpisode({ bframes }), folder.path, (bytes) =>
      rewritten(bytes, PICTURE_PID, inPairs),
    );

  it('that hold two of them', async () => {
    const clip = await judgedClip(await inPairsOf(0), spans, folder.path);
    expect(clip.faults).toEqual([]);
  });

  it('that hold two of them, of which nothing tells when B-frames are shown', async () => {
    const refused = judgedClip(await inPairsOf(3), spans.slice(0, 1), folder.path);
    await expect(refused).rejects.toMatchObject({
      code: 'CHUNK_UNDECODABLE',
      message: expect.stringMatching(/91 pictures were decoded where 46 have a time/),
    });
  });

  it('that end in the next one', async () => {
    const episode = await withChunks(await shortEpisode(), folder.path, (bytes) =>
      rewritten(bytes, PICTURE_PID, (all) => spanning(all)),
    );
    const clip = await judgedClip(episode, spans, folder.path);
    expect(clip.faults).toEqual([]);
  });
});

describe('chunks as parts of one file', () => {
  it.each(['ts', 'fmp4'] as const)('in %s', async (container) => {
    const episode = await asByteRanges(await shortEpisode({ container }), folder.path);
    const clip = await judgedClip(episode, spans, folder.path);
    expect(clip.faults).toEqual([]);
  });
});

describe('pictures that we do not copy', () => {
  const x264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '45'];
  it.each<[name: string, container: 'ts' | 'fmp4', encoder: string[]]>([
    ['10 bits, in TS', 'ts', [...x264, '-pix_fmt', 'yuv420p10le']],
    ['10 bits, in fMP4', 'fmp4', [...x264, '-pix_fmt', 'yuv420p10le']],
    ['interlaced, in fMP4', 'fmp4', [...x264, '-x264-params', 'tff=1']],
    ['VP9', 'fmp4', ['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8', '-g', '45']],
    ['AV1', 'fmp4', ['-c:v', 'libsvtav1', '-preset', '12', '-g', '45']],
  ])('%s', async (_, container, encoder) => {
    const episode = await encodedAnew(await shortEpisode(), encoder, folder.path, { container });
    const clip = await judgedClip(episode, spans, folder.path);
    expect(clip.faults).toEqual([]);
    expect(clip.cuts[0]!.pictures?.method).toBe('reencoded');
  });
});

describe('chunks that cannot be cut', () => {
  it('are told when they are of no container that is known', async () => {
    const plain = await shortEpisode();
    const episode = await withChunks(plain, folder.path, (bytes) => Buffer.alloc(bytes.length, 1));
    const refused = judgedClip(episode, spans.slice(0, 1), folder.path);
    await expect(refused).rejects.toMatchObject({ code: 'CHUNK_UNDECODABLE' });
  });

  it('are told when fMP4 lacks its initialization section', async () => {
    const chunks = await chunksOf(await shortEpisode({ container: 'fmp4' }));
    const bare = chunks.map(({ file, seconds }) => ({ file, seconds }));
    const playlistPath = await packageOf([bare], folder.path);
    const episode = { ...(await shortEpisode({ container: 'fmp4' })), playlistPath };
    const refused = judgedClip(episode, spans.slice(0, 1), folder.path);
    await expect(refused).rejects.toMatchObject({ code: 'CHUNK_UNDECODABLE' });
  });

  it('are told when they begin between key frames, and FFmpeg gave frames the same time', async () => {
    const x264 = ['-c:v', 'libx264', '-preset', 'veryfast', '-g', '300', '-sc_threshold', '0'];
    const made = await encodedAnew(await shortEpisode(), x264, folder.path, {
      ...{ container: 'fmp4', chunkSeconds: 1, muxer: ['-hls_flags', 'split_by_time'] },
    });
    await expect(madeClip(made, [[4_200, 7_300]], folder.path)).rejects.toMatchObject({
      code: 'CHUNK_UNDECODABLE',
      message: expect.stringMatching(/two frames have the same time: .*begin at key frames/),
    });
  });

  it('are told when nothing tells how large frames are', async () => {
    const time = ['-enc_time_base', '1:48000', '-flags', '+global_header'];
    const mpeg4 = ['-c:v', 'mpeg4', '-g', '45', ...time];
    const made = await encodedAnew(await shortEpisode(), mpeg4, folder.path);
    await expect(madeClip(made, [[4_200, 5_300]], folder.path)).rejects.toMatchObject({
      code: 'CHUNK_UNDECODABLE',
      message: expect.stringMatching(
        /^The chunks of the segment do not tell how large their frames are: package the episode again, [^[|]+\. FFmpeg said: “[^|]+”\.$/,
      ),
    });
  });

  it.each<[string, string[], string[]]>([
    ['H.264', ['-c:v', 'copy'], ['-c:a', 'copy']],
    ['H.264 with Opus', ['-c:v', 'copy'], ['-c:a', 'libopus']],
    ['AV1, which FFmpeg reads', ['-c:v', 'libsvtav1', '-preset', '12'], ['-c:a', 'copy']],
    ['audio alone', ['-vn'], ['-c:a', 'copy']],
  ])('are told when fragments do not tell their time: %s', async (_, encoder, sound) => {
    const fmp4 = { container: 'fmp4', sound } as const;
    const made = await encodedAnew(await shortEpisode(), encoder, folder.path, fmp4);
    const episode = await withChunks(made, folder.path, (bytes) => {
      const untimed = Buffer.from(bytes);
      for (let at = untimed.indexOf('tfdt'); at !== -1; at = untimed.indexOf('tfdt', at)) {
        untimed.write('free', at);
      }
      return untimed;
    });
    for (const span of [[0, 900], ...spans] satisfies Span[]) {
      await expect(madeClip(episode, [span], folder.path)).rejects.toMatchObject({
        code: 'CHUNK_UNDECODABLE',
        message: expect.stringMatching(/does not tell when it begins.*tfdt.*: package/),
      });
    }
  });
});
