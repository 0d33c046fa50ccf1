/** The sample episode: `npm start` shows it, tests cut it, `local/judge` tells what became of it. */
export { cachedEpisode } from './cache.ts';
export {
  type Episode,
  type EpisodeOptions,
  type EpisodeSpec,
  makeEpisode,
  SampleError,
} from './episode.ts';
export { type Gop, keyFramesOf } from './key-frames.ts';
export { fillVoice, SAMPLE_RATE } from './voice.ts';
