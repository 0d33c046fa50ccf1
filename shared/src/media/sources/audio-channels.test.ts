import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { encodedAnew, type Span } from '../clip.fixture.ts';
import { MediaWork } from '../ffmpeg/media-work.ts';
import { describeClip } from '../finished/describe-clip.ts';
import { DEFAULT_OUTPUT } from '../output-options.ts';
import { changingAudio, channelsOf } from './changing-audio.fixture.ts';
import { madeClip, shortEpisode, useFolder } from './judged.fixture.ts';

const folder = useFolder();
const SPAN: Span = [1_400, 3_700];
const OTHER: Span = [7_100, 8_000];
const AAC = ['-c:a', 'aac'];

/** A tone of its own in each channel, in FFmpeg's order. That of the low frequencies has to be low. */
const toneHz = (channel: number, channels: number) =>
  channel === 3 && channels > 5 ? 60 : 400 + 300 * channel;

/** The sample's frames beside tones, one in each channel of a layout. */
async function withTones(layout: string, channels: number, encoder: readonly string[]) {
  const tones = Array.from(
    { length: channels },
    (_, n) => `0.3*sin(2*PI*${toneHz(n, channels)}*t)`,
  );
  const input = ['-f', 'lavfi', '-i', `aevalsrc=${tones.join('|')}:c=${layout}:s=48000:d=12`];
  const frames = ['-map', '1:v', '-map', '0:a', '-c:v', 'copy'];
  const sound = ['-b:a', '448k', ...encoder];
  return encodedAnew(await shortEpisode(), frames, folder.path, { container: 'ts', sound, input });
}

/** How strong a tone is in each channel of a file, from 0 to 1. */
async function strengths(file: string, hz: number, channels: number): Promise<number[]> {
  const raw = `${file}.f32`;
  const cut = ['-ss', '0.5', '-t', '1', '-f', 'f32le', raw];
  await promisify(execFile)('ffmpeg', ['-v', 'error', '-y', '-i', file, '-map', '0:a', ...cut]);
  const bytes = await readFile(raw);
  const values = new Float32Array(new Uint8Array(bytes).buffer, 0, bytes.length >> 2);
  const count = Math.floor(values.length / channels);
  return Array.from({ length: channels }, (_, channel) => {
    let [sine, cosine] = [0, 0];
    for (let n = 0; n < count; n++) {
      const value = values[n * channels + channel]!;
      sine += value * Math.sin((2 * Math.PI * hz * n) / 48_000);
      cosine += value * Math.cos((2 * Math.PI * hz * n) / 48_000);
    }
    return (2 * Math.hypot(sine, cosine)) / count;
  });
}

describe('each channel of the source is heard in the same channel of the clip', () => {
  it.each<[name: string, layout: string, channels: number, spans: Span[], encoder: string[]]>([
    ['AAC mono', 'mono', 1, [SPAN], AAC],
    ['AAC 5.1', '5.1', 6, [SPAN], AAC],
    ['AAC 4.0, joined', '4.0', 4, [SPAN, OTHER], AAC],
    ['AAC 7.1, joined', '7.1', 8, [SPAN, OTHER], AAC],
    ['AC-3 5.1, joined', '5.1(side)', 6, [SPAN, OTHER], ['-c:a', 'ac3']],
  ])('%s', async (_, layout, channels, spans, encoder) => {
    const { clipFile, cuts, joining } = await madeClip(
      await withTones(layout, channels, encoder),
      spans,
      folder.path,
    );
    expect(cuts.flatMap(({ warnings = [] }) => warnings)).toEqual([]);
    expect(await channelsOf(clipFile)).toBe(channels);
    const length = { frameCount: 69, durationTicks: 207_000 };
    const { audio } = await describeClip(
      clipFile,
      length,
      new MediaWork(joining.folder, joining.signal),
    );
    expect(audio?.channels).toBe(channels);
    for (let tone = 0; tone < channels; tone++) {
      const found = await strengths(clipFile, toneHz(tone, channels), channels);
      for (const [channel, strength] of found.entries()) {
        if (channel === tone) expect(strength, `tone ${tone}`).toBeCloseTo(0.3, 1);
        else expect(strength, `tone ${tone} in channel ${channel}`).toBeLessThan(0.02);
      }
    }
  });
});

it('is two channels where that is asked for, without a warning', async () => {
  const output = { ...DEFAULT_OUTPUT, audioChannels: 'stereo' } as const;
  for (const [layout, channels] of [
    ['mono', 1],
    ['5.1', 6],
  ] as const) {
    const episode = await withTones(layout, channels, AAC);
    const { clipFile, cuts } = await madeClip(episode, [SPAN, OTHER], folder.path, { output });
    expect(await channelsOf(clipFile)).toBe(2);
    expect(cuts.flatMap(({ warnings = [] }) => warnings)).toEqual([]);
  }
});

it('is not copied where it has more channels than are asked for', async () => {
  const output = { ...DEFAULT_OUTPUT, audioChannels: 'stereo' } as const;
  const episode = await withTones('5.1', 6, AAC);
  const options = { audio: 'copy', output } as const;
  const asked = await madeClip(episode, [SPAN], folder.path, options);
  expect([asked.audio, await channelsOf(asked.clipFile)]).toEqual(['exact', 2]);
  const kept = await madeClip(episode, [SPAN], folder.path, { audio: 'copy' });
  expect([kept.audio, await channelsOf(kept.clipFile)]).toEqual(['copied', 6]);
});

it('has the channels of the segment with most of them', async () => {
  const encoders = [1, 1, 6, 2].map((channels) => [...AAC, '-ac', String(channels)]);
  const episode = await changingAudio(encoders, folder.path);
  const { clipFile } = await madeClip(
    episode,
    [
      [1_000, 2_000],
      [7_000, 8_000],
      [9_500, 10_500],
    ],
    folder.path,
  );
  expect(await channelsOf(clipFile)).toBe(6);
});

it('makes as few channels of a layout as hold all of its own', async () => {
  const episode = await withTones('quad(side)', 4, ['-c:a', 'ac3']);
  const { clipFile, cuts } = await madeClip(episode, [SPAN], folder.path);
  expect(cuts[0]!.warnings).toEqual([]);
  // Of 5.0, where the rear left one comes behind the center.
  const [, , , rear] = await strengths(clipFile, toneHz(2, 4), 5);
  expect(rear).toBeCloseTo(0.3, 1);
});

it('is silent, and says so, where no decoder knows what the channels are', async () => {
  // FFmpeg writes them in the first frame alone, and the segment begins later.
  const { clipFile, cuts } = await madeClip(await withTones('quad', 4, AAC), [SPAN], folder.path);
  expect(cuts[0]!.warnings).toEqual([
    expect.objectContaining({ code: 'AUDIO_LOST', atMs: expect.closeTo(1_400, -1.5) }),
  ]);
  expect(Math.max(...(await strengths(clipFile, toneHz(0, 4), 2)))).toBeLessThan(0.001);
});
