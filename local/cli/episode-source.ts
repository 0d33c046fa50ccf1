import { join } from 'node:path';
import { ffmpegPath } from '#shared/media/ffmpeg/run';
import { formatTime } from '#shared/time';
import { packageVideo } from '../ingest/package-video.ts';
import { cachedEpisode } from '../sample/index.ts';
import type { StartOptions, WantedClip } from './start-options.ts';

/** An episode on disk and what to make of it. */
export interface EpisodeSource {
  episodeId: string;
  playlistFile: string;
  /** What it lacks of the file that it was made of, in a sentence each. */
  notes: string[];
  /** With its sound, where that has a file of its own. */
  audioFile?: string;
  clips: WantedClip[];
  /** Clips that are there to show a failure. */
  expectedToFail: ReadonlySet<string>;
}

const SAMPLE_SECONDS = 180;

/** @throws IngestError, SampleError */
export async function prepareEpisode(options: StartOptions): Promise<EpisodeSource> {
  const { source, audioFile, clips, stateDir } = options;
  if (!source) return sampleEpisode(stateDir);
  const { playlistFile, notes } =
    source.kind === 'playlist'
      ? { playlistFile: source.path, notes: [] }
      : await packageVideo(source.path, join(stateDir, 'packaged', source.episodeId));
  return {
    episodeId: source.episodeId,
    playlistFile,
    notes,
    audioFile,
    clips,
    expectedToFail: new Set(),
  };
}

async function sampleEpisode(stateDir: string): Promise<EpisodeSource> {
  const { playlistPath } = await cachedEpisode(join(stateDir, 'sample'), {
    seconds: SAMPLE_SECONDS,
    ffmpegPath: ffmpegPath(),
  });
  return {
    episodeId: 'sample-episode',
    playlistFile: playlistPath,
    notes: [],
    clips: [
      sampleClip('one-segment', [47_400, 57_900]),
      sampleClip('three-segments', [12_200, 16_500], [95_033, 99_000], [150_700, 155_250]),
      sampleClip('past-the-end', [SAMPLE_SECONDS * 1000 + 5_000, SAMPLE_SECONDS * 1000 + 10_000]),
    ],
    expectedToFail: new Set(['past-the-end']),
  };
}

function sampleClip(clipId: string, ...spans: [startMs: number, endMs: number][]): WantedClip {
  const segments = spans.map(([startMs, endMs]) => ({
    startTime: formatTime(startMs),
    endTime: formatTime(endMs),
  }));
  return { clipId, segments };
}
