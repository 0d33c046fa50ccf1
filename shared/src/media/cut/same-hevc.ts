import { NotCopyableError } from '../not-copyable.ts';
import { setsOf } from './encoder.ts';
import type { Part } from './parts.ts';

/**
 * HEVC is only ever copied, never encoded: its parts fit together when they have the same parameter sets.
 * @throws NotCopyableError otherwise
 */
export function assertSameHevc(parts: readonly Part[]): void {
  if (parts.some(({ kind }) => kind === 'encoded')) {
    throw new NotCopyableError('HEVC cannot be completed by pictures of ours');
  }
  const kinds = new Set(
    parts
      .flatMap(setsOf)
      .filter(({ sps }) => sps.length > 0)
      .map(({ vps = [], sps, pps }) => Buffer.concat([...vps, ...sps, ...pps]).toString('base64')),
  );
  if (kinds.size !== 1) {
    throw new NotCopyableError('the encoding parameters change within the video');
  }
}
