import type { Size } from '../source/media-index.ts';
import type { Source } from '../source/source.ts';
import type { Wanted } from '../source/wanted.ts';

/** A part of a segment that one source holds, on one clock. Most segments are a single one. */
export interface MediaStretch {
  source: Source;
  wanted: Wanted;
  /** When the episode begins on the source's clock, in ticks of 90 kHz; absent: not known. */
  zero?: number;
  /** Of black frames, where the source has none of its own. */
  blackSize?: Size;
}

/** The same, of which only the sound is asked for. */
export interface SoundStretch {
  source: Pick<Source, 'sound' | 'findings' | 'lacksSound'>;
  wanted: Pick<Wanted, 'firstPts' | 'endPts'>;
  zero?: number;
}

/** A part of a segment whose chunks are missing, to be shown black and silent. */
export interface BlackStretch {
  blackTicks: number;
}

export type Stretch = MediaStretch | BlackStretch;

export const isMedia = <Media extends SoundStretch>(
  stretch: Media | BlackStretch,
): stretch is Media => 'wanted' in stretch;

/** How long a stretch is shown, in ticks of 90 kHz. */
export const ticksOf = (stretch: SoundStretch | BlackStretch): number =>
  isMedia(stretch) ? stretch.wanted.endPts - stretch.wanted.firstPts : stretch.blackTicks;
