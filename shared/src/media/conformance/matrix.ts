import type { EpisodeSpec } from '#local/sample/index';

/** What an episode of the matrix is like. */
export type MatrixSpec = Required<Pick<EpisodeSpec, 'container' | 'gop' | 'bframes' | 'fps'>>;

const CONTAINERS = ['ts', 'fmp4'] as const;
const GOPS = ['closed', 'open', 'irregular'] as const;
const BFRAMES = [3, 0] as const;
export const RATES = ['24000/1001', '25', '30000/1001', '50', '60000/1001'] as const;

/** Every container with every kind of GOP, with and without B-frames, at every frame rate: 60. */
export const MATRIX: readonly MatrixSpec[] = CONTAINERS.flatMap((container) =>
  GOPS.flatMap((gop) =>
    BFRAMES.flatMap((bframes) => RATES.map((fps) => ({ container, gop, bframes, fps }))),
  ),
);

/**
 * Fifteen of them, in which every two values meet: each GOP with each rate once, and the container
 * and the B-frames so spread over those that each meets each.
 */
export const PAIRWISE: readonly MatrixSpec[] = GOPS.flatMap((gop, g) =>
  RATES.map((fps, r) => ({
    container: CONTAINERS[(g + r) % 2]!,
    gop,
    bframes: BFRAMES[(r + (g >> 1) + (r >> 1)) % 2]!,
    fps,
  })),
);

/** The episode in a few words. */
export const nameOf = ({ container, gop, bframes, fps }: MatrixSpec): string =>
  `${container}, ${gop} GOPs, ${bframes > 0 ? 'B-frames' : 'no B-frames'}, ${fps} fps`;
