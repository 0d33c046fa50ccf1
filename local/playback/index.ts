/** Plays clips in a real browser, as those do who watch them. */
export { findChromium, HOW_TO_INSTALL } from './find-chromium.ts';
export {
  type Playback,
  type PlaybackOptions,
  playsThrough,
  type ShownFrame,
} from './plays-through.ts';
