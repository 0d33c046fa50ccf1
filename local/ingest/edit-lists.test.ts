import { readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { numbersIn } from '#shared/media/sources/judged.fixture';
import { type RawEdit, withEditLists } from './edited.fixture.ts';
import {
  cut,
  DELAY,
  FPS,
  FRAME,
  ffmpeg,
  framesFrom,
  inFolder,
  packaged,
  packagedWithNotes,
  UNITS,
  useSample,
} from './packaging.fixture.ts';

useSample();

/** The sample in fragments, with edit lists that come to nothing. */
beforeAll(() =>
  ffmpeg(
    ...['-i', 'whole.mp4', '-c', 'copy', '-movie_timescale', String(UNITS.movie)],
    ...['-movflags', 'frag_keyframe+empty_moov+default_base_moof', 'fragmented.mp4'],
  ),
);

const movie = (frames: number) => (frames * UNITS.movie) / FPS;
const video = (first: number, frames: number): RawEdit => [movie(frames), (first + DELAY) * FRAME];
const audio = (first: number, frames: number, priming = 1024): RawEdit => [
  movie(frames),
  priming + (first * UNITS.audio) / FPS,
];
/** In fragments FFmpeg begins all tracks with the delay of the frames. */
const PRIMING = { 'whole.mp4': 1024, 'fragmented.mp4': (DELAY * UNITS.audio) / FPS };
const nothing = (frames: number): RawEdit => [movie(frames), -1];
const TO_THE_END = 0;

const edited = (source: string, target: string, ofVideo: RawEdit[], ofAudio: RawEdit[]) =>
  withEditLists(inFolder(source), inFolder(target), [ofVideo, ofAudio]);

describe.each(['whole.mp4', 'fragmented.mp4'] as const)('an edit list of %s', (source) => {
  it('that shows all from a frame on, to the end', async () => {
    const name = `to-the-end-of-${source}`;
    await edited(source, name, [video(40, TO_THE_END)], [audio(40, TO_THE_END, PRIMING[source])]);
    const playlist = await packaged(name);
    const { clipFile, sound } = await cut(playlist, [1_000, 3_000]);
    expect(await numbersIn(clipFile)).toEqual(framesFrom(70, 60));
    expect(Math.abs(sound.offsetMs(500, 70_000 / FPS + 500)!)).toBeLessThan(1);
    expect(await numbersIn(playlist)).toEqual(framesFrom(40, 560));
  });

  it('that shows all after a pause', async () => {
    const name = `late-of-${source}`;
    const [frames, sound] = [video(0, TO_THE_END), audio(0, TO_THE_END, PRIMING[source])];
    await edited(source, name, [nothing(40), frames], [sound]);
    const clip = await cut(await packaged(name), [1_000, 3_000]);
    const numbers = await numbersIn(clip.clipFile);
    expect(numbers).toEqual([...Array(10).fill(undefined), ...framesFrom(0, 50)]);
    expect(Math.abs(clip.sound.offsetMs(500, 1_500)!)).toBeLessThan(1);
  });
});

it('shows the last of several stretches to the end', async () => {
  const stretches: [number, number][] = [
    [100, 30],
    [10, TO_THE_END],
  ];
  await edited(
    'whole.mp4',
    'several-to-the-end.mp4',
    stretches.map((one) => video(...one)),
    stretches.map((one) => audio(...one)),
  );
  const playlist = await packaged('several-to-the-end.mp4');
  const { clipFile, sound } = await cut(playlist, [0, 3_000]);
  expect(await numbersIn(clipFile)).toEqual([...framesFrom(100, 30), ...framesFrom(10, 60)]);
  expect(Math.abs(sound.offsetMs(300, 100_000 / FPS + 300)!)).toBeLessThan(1);
  expect(Math.abs(sound.offsetMs(1_300, 10_000 / FPS + 300)!)).toBeLessThan(1);
  expect(await numbersIn(playlist)).toHaveLength(30 + 590);
});

it('keeps frames and audio of a fragmented file in time', async () => {
  const sounds = audio(0, TO_THE_END, PRIMING['fragmented.mp4']);
  await edited('fragmented.mp4', 'all.mp4', [video(0, TO_THE_END)], [sounds]);
  const playlist = await packaged('all.mp4');
  const { clipFile, sound } = await cut(playlist, [1_000, 3_000]);
  expect(await numbersIn(clipFile)).toEqual(framesFrom(30, 60));
  expect(Math.abs(sound.offsetMs(500, 1_500)!)).toBeLessThan(1);
});

it('says that it goes on where the edit list of a fragmented file ends early', async () => {
  const name = 'ends-early.mp4';
  await edited(
    'fragmented.mp4',
    name,
    [video(40, 90)],
    [audio(40, TO_THE_END, PRIMING['fragmented.mp4'])],
  );
  const { playlistFile, notes } = await packagedWithNotes(name);
  expect(await numbersIn(playlistFile)).toHaveLength(560);
  expect(notes).toEqual([
    "The file's edit list ends it at 00:00:03.000: the episode goes on to the end of what is stored, as most players do.",
  ]);
});

it('leaves nothing but the episode', async () => {
  await edited('fragmented.mp4', 'alone.mp4', [video(40, TO_THE_END)], [audio(0, TO_THE_END)]);
  const playlist = await packaged('alone.mp4');
  const isOfEpisode = (name: string) => /^(index\.m3u8|chunk_\d+\.ts)$/.test(name);
  expect(readdirSync(dirname(playlist)).filter((name) => !isOfEpisode(name))).toEqual([]);
  const made = readdirSync(inFolder('.')).filter((name) => name.startsWith('alone.mp4'));
  expect(made.sort()).toEqual(['alone.mp4', 'alone.mp4.hls']);
});

it('refuses a fragmented file that shows several stretches', async () => {
  const [first, second] = [video(40, 45), video(10, 30)];
  await edited('fragmented.mp4', 'several.mp4', [first, second], [audio(0, TO_THE_END)]);
  await expect(packaged('several.mp4')).rejects.toThrow(
    /several\.mp4 is a fragmented MP4 whose edit list shows several parts/,
  );
});
