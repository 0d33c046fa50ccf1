import { type MovieTrack, readMovie } from '../mp4/movie/read-movie.ts';

/** What a finished file holds, told by its sample tables. Times are in ticks of 90 kHz. */
export interface InspectedClip {
  /** When pictures are shown, ascending; from the first. */
  times: number[];
  /** Whether DTS rise and no picture is shown before it is decoded. */
  isInOrder: boolean;
  /** When sound begins and ends, from the first picture; what a player skips at its begin left out. */
  sound?: { startTicks: number; endTicks: number };
}

/** @throws NotCopyableError when the file cannot be read */
export async function inspectClip(file: string): Promise<InspectedClip> {
  const tracks = await readMovie(file);
  const video = tracks.find(({ kind }) => kind === 'video');
  const audio = tracks.find(({ kind }) => kind === 'audio');
  const shown = video ? shownAt(video) : [];
  const zero = shown[0] ?? 0;
  const [first, last] = [audio?.samples[0], audio?.samples.at(-1)];
  return {
    times: shown.map((time) => time - zero),
    isInOrder: !video || isInOrder(video),
    ...(audio && first && last
      ? {
          sound: {
            // Frames before the beginning are there for the decoder only.
            startTicks: Math.max(0, ticksOf(audio, first.pts)) - zero,
            endTicks: ticksOf(audio, last.pts + last.duration) - zero,
          },
        }
      : {}),
  };
}

const ticksOf = ({ timescale, startsAt }: MovieTrack, time: number) =>
  ((time - startsAt) * 90_000) / timescale;

const shownAt = (video: MovieTrack) =>
  video.samples.map(({ pts }) => ticksOf(video, pts)).sort((a, b) => a - b);

const isInOrder = ({ samples }: MovieTrack) =>
  samples.every(({ pts, dts }, n) => dts > (samples[n - 1]?.dts ?? -1) && pts >= dts);
