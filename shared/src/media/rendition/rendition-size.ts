import type { RenditionName } from '../../events/cut-options.ts';
import type { Size } from '../source/media-index.ts';

/** How long the shorter side of a rendition is, in pixels. */
const SHORTER_SIDE = { '720p': 720, '1080p': 1_080 } as const satisfies Record<
  RenditionName,
  number
>;

/**
 * How large a rendition is: the shorter side as its name says, the longer one as the clip's shape asks for,
 * both even, as video in 4:2:0 has to be.
 * @param clip as it is shown: upright, its pixels square
 * @returns nothing where that would not be smaller than the clip
 */
export function renditionSize(clip: Size, name: RenditionName): Size | undefined {
  const shorter = SHORTER_SIDE[name];
  const factor = shorter / Math.min(clip.width, clip.height);
  if (factor >= 1) return undefined;
  const longer = even(Math.max(clip.width, clip.height) * factor);
  return clip.width < clip.height
    ? { width: shorter, height: longer }
    : { width: longer, height: shorter };
}

const even = (length: number) => 2 * Math.round(length / 2);
