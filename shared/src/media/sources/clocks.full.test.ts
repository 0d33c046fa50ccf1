import { describe, expect, it } from 'vitest';
import { encodedAnew, type Span } from '../clip.fixture.ts';
import { judgedClip, shortEpisode, useFolder } from './judged.fixture.ts';
import { asFragments } from './packages.fixture.ts';

const folder = useFolder();
const COPY = ['-c:v', 'copy'];

/** When the clock of MPEG-TS begins again, in seconds. */
const WRAP_SECONDS = 2 ** 33 / 90_000;

/** FFmpeg's muxer begins 1.4 s later than told. */
const beginningAt = (seconds: number) => ['-output_ts_offset', (seconds - 1.4).toFixed(6)];

describe('the clock of MPEG-TS begins again', () => {
  it.each<[where: string, zeroSeconds: number, span: Span]>([
    ['in the middle of a segment', WRAP_SECONDS - 5, [4_200, 7_300]],
    ['at the border of chunks in a segment', WRAP_SECONDS - 6, [4_200, 7_300]],
    ['in a segment’s first picture', WRAP_SECONDS - 4.2, [4_200, 7_300]],
    ['before a segment', WRAP_SECONDS - 2, [7_300, 10_400]],
    ['before a segment, in its chunk', WRAP_SECONDS - 6.5, [7_300, 8_400]],
    ['after a segment', WRAP_SECONDS - 9, [4_200, 7_300]],
    ['with the episode', WRAP_SECONDS, [0, 3_100]],
  ])('%s', async (_, zeroSeconds, span) => {
    const episode = await encodedAnew(await shortEpisode(), COPY, folder.path, {
      muxer: beginningAt(zeroSeconds),
    });
    const clip = await judgedClip(episode, [span], folder.path);
    expect(clip.faults).toEqual([]);
    expect(clip.cuts[0]!.pictures?.method).toBe('smart');
    const again = await judgedClip(episode, [span], folder.path, { audio: 'copy', cut: 'copy' });
    expect(again.faults).toEqual([]);
    expect(again.audio).toBe('copied');
  });

  it('where only FFmpeg can read the pictures', async () => {
    const mpeg4 = [
      ...['-c:v', 'mpeg4', '-q:v', '3', '-g', '45', '-enc_time_base', '1:48000'],
      ...['-bsf:v', 'dump_extra'],
    ];
    const episode = await encodedAnew(await shortEpisode(), mpeg4, folder.path, {
      muxer: beginningAt(WRAP_SECONDS - 5),
    });
    for (const span of [
      [4_200, 7_300],
      [7_300, 8_400],
    ] satisfies Span[]) {
      expect((await judgedClip(episode, [span], folder.path)).faults).toEqual([]);
    }
  });
});

describe('an episode that begins late', () => {
  it.each(['ts', 'fmp4'] as const)('in %s', async (container) => {
    const episode = await encodedAnew(await shortEpisode({ container }), COPY, folder.path, {
      muxer: beginningAt(50_000),
    });
    const clip = await judgedClip(
      episode,
      [
        [0, 1_000],
        [4_200, 7_300],
      ],
      folder.path,
    );
    expect(clip.faults).toEqual([]);
  });
});

/** What the muxer cannot say without an edit list: that its first AAC frame comes before the picture. */
const LOST_PRIMING_MS = 1024 / 48;
const FRAGMENTED = '+frag_keyframe+default_base_moof';
const LATE = ['-output_ts_offset', '50000'];

describe('fragmented MP4', () => {
  it.each<[name: string, movflags: string, options: string[], sourceOffsetMs: number]>([
    ['with edit lists', `${FRAGMENTED}+delay_moov`, [], 0],
    ['with edit lists, late', `${FRAGMENTED}+delay_moov`, LATE, 0],
    ['without edit lists', `${FRAGMENTED}+empty_moov`, [], 0],
    [
      'as CMAF: negative composition offsets',
      '+frag_keyframe+empty_moov+cmaf',
      [],
      LOST_PRIMING_MS,
    ],
    ['as CMAF, late', '+frag_keyframe+empty_moov+cmaf', LATE, LOST_PRIMING_MS],
  ])('%s', async (_, movflags, options, sourceOffsetMs) => {
    const episode = await asFragments(
      await shortEpisode(),
      ...([folder.path, movflags, 1.5, options] as const),
    );
    const spans: Span[] = [
      [0, 1_000],
      [4_200, 7_300],
      [9_100, 12_000],
    ];
    const clip = await judgedClip(episode, spans, folder.path, { sourceOffsetMs });
    expect(clip.faults).toEqual([]);
    expect(clip.cuts[1]!.pictures?.method).toBe('smart');
  });
});
