import { execFile } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { type MadeClip, makeClip, type Span } from '../clip.fixture.ts';
import { garbled, withAudioBetween } from './damaged-audio.fixture.ts';
import {
  framesOf,
  listenTo,
  madeClip,
  numbersIn,
  shortEpisode,
  useFolder,
  warningsOf,
} from './judged.fixture.ts';
import { asFragments, chunksOf, packageOf, withChunks } from './packages.fixture.ts';
import { type Pes, SOUND_PID } from './rewrite.fixture.ts';
import { packetsIn, pidOf } from './streams.fixture.ts';

const folder = useFolder();
const SPAN: Span = [1_400, 10_700];
const FRAGMENTS = 'frag_keyframe+delay_moov+default_base_moof';

const lossesOf = ({ cuts }: MadeClip) =>
  cuts.map((cut) => warningsOf(cut).map(({ code, atMs }) => [code, atMs]));

const changedBetween = (from: number, to: number, change: (pes: Pes) => Pes[]) =>
  withAudioBetween(from, to, change, folder.path);

async function expectSilentOnlyThere(clip: MadeClip): Promise<void> {
  expect(await numbersIn(clip.clipFile)).toEqual(framesOf(SPAN, '30'));
  const { offsetMs, loudest } = await listenTo(clip.clipFile);
  expect(loudest(5_300 - SPAN[0], 500)).toBeLessThan(0.002);
  for (const at of [1_500, 4_500, 6_500, 10_200]) {
    expect(Math.abs(offsetMs(at - SPAN[0], at) ?? 99), `at ${at} ms`).toBeLessThan(1);
  }
}

describe('audio that is not there is told, once', () => {
  it.each(['ts', 'fmp4'] as const)('in %s', async (container) => {
    const holed = await changedBetween(5, 6, () => []);
    const isMp4 = container === 'fmp4';
    const episode = isMp4 ? await asFragments(holed, folder.path, FRAGMENTS, 1.5) : holed;
    for (const audio of ['exact', 'copy'] as const) {
      const clip = await madeClip(episode, [SPAN], folder.path, { audio });
      expect(lossesOf(clip)).toEqual([[['AUDIO_MISSING', expect.closeTo(5_100, -2.4)]]]);
      await expectSilentOnlyThere(clip);
    }
  });

  it('where a segment lies in the hole', async () => {
    const episode = await changedBetween(5, 6, () => []);
    const spans: Span[] = [
      [5_300, 5_700],
      [7_000, 8_000],
    ];
    const clip = await madeClip(episode, spans, folder.path);
    expect(lossesOf(clip)).toEqual([[['AUDIO_MISSING', 5_300]], []]);
  });

  it('where it goes on over a discontinuity', async () => {
    const episode = await shortEpisode();
    const chunks = await chunksOf(episode);
    const silent = join(await mkdtemp(join(folder.path, 'silent-')), '1.ts');
    await promisify(execFile)('ffmpeg', [
      ...['-v', 'error', '-copyts', '-i', chunks[1]!.file, '-an', '-c', 'copy'],
      ...['-muxdelay', '0', '-muxpreload', '0', '-f', 'mpegts', silent],
    ]);
    const runs = chunks.map((chunk, n) => [n === 1 ? { ...chunk, file: silent } : chunk]);
    const playlistPath = await packageOf(runs, folder.path);
    const clip = await madeClip({ ...episode, playlistPath }, [[1_000, 8_000]], folder.path);
    expect(lossesOf(clip)).toEqual([[['AUDIO_MISSING', expect.closeTo(3_000, -2.4)]]]);
  });

  it('where its packets were lost: as damage', async () => {
    const episode = await withChunks(await shortEpisode(), folder.path, (bytes, n) => {
      let count = 0;
      const isKept = (packet: Buffer) =>
        n !== 1 || pidOf(packet) !== SOUND_PID || ++count < 100 || count > 160;
      return Buffer.concat(packetsIn(bytes).filter(isKept));
    });
    const clip = await madeClip(episode, [SPAN], folder.path);
    expect(lossesOf(clip)).toEqual([[['DAMAGE_CONCEALED', expect.any(Number)]]]);
  });
});

describe('audio that cannot be decoded is told', () => {
  it.each(['exact', 'copy'] as const)('where it is some, audio: %s', async (audio) => {
    const clip = await madeClip(await changedBetween(5, 6, garbled), [SPAN], folder.path, {
      audio,
    });
    expect(lossesOf(clip)).toEqual([[['AUDIO_LOST', expect.closeTo(5_100, -2.4)]]]);
    expect(clip.audio).toBe('exact');
    await expectSilentOnlyThere(clip);
  });

  it('where it is some frames of those that would be copied', async () => {
    const episode = await changedBetween(5, 5.07, garbled);
    const clip = await madeClip(episode, [SPAN], folder.path, { audio: 'copy' });
    expect(lossesOf(clip)).toEqual([[['AUDIO_LOST', expect.closeTo(5_000, -2.4)]]]);
    // What is damaged elsewhere does not matter.
    const whole = await madeClip(episode, [[7_000, 9_000]], folder.path, { audio: 'copy' });
    expect(lossesOf(whole)).toEqual([[]]);
    expect(whole.audio).toBe('copied');
  });

  it.each(['exact', 'reencode'] as const)('where it is all, cut: %s', async (cut) => {
    const episode = await changedBetween(0, 20, garbled);
    // Beyond three processes: FFmpeg gives up on audio of which nothing can be decoded.
    const clip = await makeClip(episode, [SPAN], folder.path, { cut });
    expect(lossesOf(clip)).toEqual([[['AUDIO_LOST', expect.closeTo(1_400, -1.5)]]]);
    expect(await numbersIn(clip.clipFile)).toEqual(framesOf(SPAN, '30'));
    expect((await listenTo(clip.clipFile)).loudest(0, 9_000)).toBeLessThan(0.002);
  });
});
